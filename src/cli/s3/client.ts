/** A client of the store that the environment names. */
import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { BODY_PIECE_BYTES } from "./body.js";
import type { Sdk } from "./sdk.js";

const CONNECT_MS = 10_000;
const nothing = () => {};
const SILENT = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
const SILENT_MS = 120_000; // completing a large upload can take a store that long

export interface Client {
  readonly s3: S3Client;
  /** As messages show it. */
  readonly endpoint: string;
  /** Whether checksums are sent that not every store knows: unless AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED. */
  readonly checksums: boolean;
  /** SHA-256 of bodies, in hexadecimal, which requests are signed by: the SDK would hash again, or not sign a stream. */
  readonly hashes: WeakMap<object, string>;
  /** Whether the store has answered with an MD5 and no SHA-256, so that bodies are hashed on their way. */
  comparesMd5: boolean;
}

/**
 * Endpoint, region and credentials are those of the SDK's own variables and files (AWS_ENDPOINT_URL_S3, AWS_REGION,
 * AWS_PROFILE, ...). Another store than Amazon's gets addresses with the bucket in the path, since few have a host name for
 * each bucket, and needs no region.
 */
export async function openClient({ S3Client }: Sdk, given: S3ClientConfig = {}): Promise<Client> {
  const asked = new S3Client(given);
  const endpoint = await configuredEndpoint(asked);
  const isOther = endpoint !== undefined && !/\.amazonaws\.com(\.cn)?$/.test(hostOf(endpoint));
  const region = await regionOf(asked, isOther);
  const checksums = (await asked.config.requestChecksumCalculation()) !== "WHEN_REQUIRED";
  asked.destroy();
  const s3 = new S3Client({
    region,
    forcePathStyle: isOther,
    followRegionRedirects: true,
    maxAttempts: 1, // failures are counted in one place: again.ts
    logger: SILENT, // else it warns of each request with a stream that fails
    // A store that refuses a request closes the connection, and its answer is lost while a body is drawn and sent: it is asked before.
    expectContinueHeader: BODY_PIECE_BYTES,
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENT_MS },
    ...given,
  });
  const hashes = new WeakMap<object, string>();
  signByHashes(s3, hashes);
  stayInRegion(s3);
  return { s3, endpoint: endpoint ?? `Amazon S3 (${region})`, checksums, hashes, comparesMd5: false };
}

/** Signs bodies by their SHA-256 where that is known. */
function signByHashes({ middlewareStack }: S3Client, hashes: Client["hashes"]): void {
  middlewareStack.add(
    (next) => (args) => {
      const { Body: body } = args.input as { Body?: object };
      const { headers = {} } = args.request as { headers?: Record<string, string> };
      const hash = body && hashes.get(body);
      if (hash !== undefined) headers["x-amz-content-sha256"] = hash;
      return next(args);
    },
    { step: "build" },
  );
}

/** Goes to the region that a first answer has named: a body that is a stream cannot be sent once more, to another region. */
function stayInRegion({ config, middlewareStack }: S3Client): void {
  middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const { __s3RegionRedirect: found } = context as { __s3RegionRedirect?: string };
      if (found !== undefined) config.region = async () => found;
      return result;
    },
    { step: "initialize", priority: "high" },
  );
}

/** The endpoint of a variable or of the profile. The SDK looks for it in the same way, at its first request. */
async function configuredEndpoint({ config }: S3Client): Promise<string | undefined> {
  const { serviceConfiguredEndpoint: profile } = config as { serviceConfiguredEndpoint?: () => Promise<unknown> };
  const found = (await profile?.()) ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** @throws Error for an endpoint that is no address. */
function hostOf(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url.hostname;
  throw new Error(`AWS_ENDPOINT_URL_S3: expected an address such as https://host:port, got ${endpoint}`);
}

async function regionOf({ config }: S3Client, isOther: boolean): Promise<string> {
  try {
    return await config.region();
  } catch (error) {
    if (isOther) return "us-east-1"; // what stores without regions expect in a signature
    throw new Error("no region is set: set AWS_REGION to the bucket's", { cause: error });
  }
}
