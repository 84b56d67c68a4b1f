/** The paths of the Hugging Face Hub: what its clients ask for, and what they must be told. */
import { describe, expect, test, vi } from "vitest";
import { generationConfig } from "../../src/architecture/generation.js";
import { checkpoint } from "../../src/checkpoint.js";
import * as families from "../../src/families.js";
import { MODEL_TYPES, type Model, modelOf, modelOfShapes, type Plan, parsePlan, tinyConfig } from "../../src/model.js";
import { streamOf } from "../../src/serve/stream.js";
import { type Family, type Router, type RouterOptions, respond, router, routerOf } from "../../src/serve.js";

const config = {
  model_type: "gpt2",
  architectures: ["GPT2LMHeadModel"],
  n_layer: 2,
  n_embd: 64,
  n_positions: 32,
  vocab_size: 100,
  eos_token_id: 99,
};
const wide: Plan = { rules: [{ match: "*", scheme: "normal", std: 0.5 }] };
const large: Plan = { rules: [{ match: "*", scheme: "normal", std: 1e5 }] }; // for f16
const bare = modelOfShapes("bare", [{ name: "w", shape: [2] }]);
const NAME = "nn-init/tiny";
const of = (model: object) => ({ models: { [NAME]: { config, ...model } } });

const served = (options: Partial<RouterOptions> = {}) =>
  router({ models: { [NAME]: { config, plans: { wide } }, alone: { config } }, ...options });

const ask = (path: string, init: RequestInit = {}, source = served()) =>
  respond(new Request(`http://localhost${path}`, init), source);

const json = async (path: string, init: RequestInit = {}, source = served()) => {
  const response = await ask(path, init, source);
  expect(response.status, path).toBe(200);
  return response.json();
};

const file = (revision: string, name = "model.safetensors") => `/${NAME}/resolve/${revision}/${name}`;
const post = (body: string): RequestInit => ({
  ...{ method: "POST", body },
  headers: { "Content-Length": String(body.length), "Content-Type": "application/x-www-form-urlencoded" },
});
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

describe("a revision", () => {
  test("names the seed; its file is that of the checkpoint", async () => {
    const expected = checkpoint(modelOf(config), { seed: 42 });
    const { byteLength = 0, etag } = expected.files[0] ?? {};
    const response = await ask(file("seed-42"));
    expect(response.headers.get("etag")).toBe(`"${etag}"`);
    expect(response.headers.get("x-linked-etag")).toBe(`"${etag}"`);
    expect(response.headers.get("x-linked-size")).toBe(String(byteLength));
    expect(response.headers.get("x-repo-commit")).toMatch(/^[0-9a-f]{40}$/);
    expect(response.headers.get("cache-control")).toMatch(/immutable, no-transform/);
    expect((await bytesOf(response)).equals(expected.read("model.safetensors", 0, byteLength))).toBe(true);
  });

  test.each([
    ["seed-42.bf16", { dtype: "bf16" }],
    ["seed-18446744073709551615.f16", { seed: 2n ** 64n - 1n, dtype: "f16" }],
    ["seed-42.plan-wide", { plan: wide }],
    ["seed-42.200KB", { maxShardBytes: 200e3 }],
    ["seed-42.f64.200KB.plan-wide", { dtype: "f64", maxShardBytes: 200e3, plan: wide }],
  ] as const)("%s", async (revision, options) => {
    const expected = checkpoint(modelOf(config), { seed: 42, ...options });
    for (const { name, byteLength } of expected.files) {
      const response = await ask(file(revision, name));
      expect((await bytesOf(response)).equals(expected.read(name, 0, byteLength)), name).toBe(true);
    }
    const index = await ask(file(revision, "model.safetensors.index.json"));
    expect(index.status).toBe(expected.index === undefined ? 404 : 200);
    if (expected.index !== undefined) expect(await index.json()).toEqual(expected.index);
  });

  test("holds the model that is given with a config, whose commit is another", async () => {
    const architecture = { name: "gpt2", extends: "gpt2", tensors: { gate: { parameter: ["n_embd"], role: "bias" } } };
    const model = modelOf(config, { architecture });
    const own = router({ models: { [NAME]: { config, model } } });
    const expected = checkpoint(model, { seed: 42 });
    const response = await ask(file("seed-42"), {}, own);
    expect(response.headers.get("etag")).toBe(`"${expected.files[0]?.etag}"`);
    const sha = response.headers.get("x-repo-commit") as string;
    expect((await ask(file(sha), {}, own)).status).toBe(200);
    expect((await ask(file(sha))).status).toBe(404);
    expect(() => router({ models: { [NAME]: { config, model: {} as Model } } })).toThrow(/nn-init\/tiny"\]\.model: /);
  });

  test.each(["seed-42", "seed-7.bf16.200KB.plan-wide"])("%s has a commit that any server knows", async (revision) => {
    const name = revision.includes("KB") ? "model-00002-of-00002.safetensors" : "model.safetensors";
    const response = await ask(file(revision, name));
    const sha = response.headers.get("x-repo-commit") as string;
    const again = await ask(file(sha, name), {}, served()); // a server without any state
    expect(again.headers.get("x-repo-commit")).toBe(sha);
    expect((await bytesOf(again)).equals(await bytesOf(response))).toBe(true);
    const other = await ask(file(sha, name), {}, router({ models: { [NAME]: { config: { ...config, n_layer: 1 } } } }));
    expect(other.headers.get("x-error-code")).toBe("RevisionNotFound");
  });

  test("that fails after it was dropped leaves the newer checkpoint of its commit", async () => {
    const source = served();
    const status = async (revision: string, name?: string) =>
      (await ask(file(revision, name), { method: "HEAD" }, source)).status;
    const part = ["seed-1.200KB", "model-00001-of-00003.safetensors"] as const;
    await status("seed-0"); // hashes model and plan
    const digest = vi.spyOn(crypto.subtle, "digest");
    let fail = (_: Error): void => {};
    digest.mockImplementationOnce(() => new Promise((_, reject) => (fail = reject)));
    const old = status(...part);
    await vi.waitFor(() => expect(digest).toHaveBeenCalledOnce());
    for (let seed = 2; seed < 10; ++seed) await status(`seed-${seed}`);
    expect(await status(...part)).toBe(200);
    fail(new Error("the runtime has no time"));
    expect(await old).toBe(500);
    digest.mockClear();
    expect(await status(...part)).toBe(200);
    expect(digest).not.toHaveBeenCalled(); // it was not made again
    digest.mockRestore();
  });

  test("main is the server's seed, and may change", async () => {
    const response = await ask(file("main"), {}, served({ seed: 7, dtype: "bf16" }));
    expect(response.headers.get("cache-control")).toBe("no-cache, no-transform");
    expect((await bytesOf(response)).equals(await bytesOf(await ask(file("seed-7.bf16"))))).toBe(true);
  });

  test.each([
    ["main", /this server has no seed of its own. Ask for one such as seed-42/],
    ["seed-", /expected main, a commit, or a seed/],
    ["seed-18446744073709551616", /expected main, a commit, or a seed/],
    ["seed-1.f32.f16", /expected main, a commit, or a seed/],
    ["seed-1.0KB", /expected main, a commit, or a seed/],
    ["seed-1.plan-none", /there is no plan "none"; there are \["wide"\]/],
    ["0000000000000000000000000000000000000000", /expected main, a commit, or a seed/],
    ["000000000000002a000000000000000000000001", /expected main, a commit, or a seed/],
    ["000000000000002a000000012a05f20012345678", /not served any more/],
  ])("%s is not found", async (revision, message) => {
    const response = await ask(file(revision));
    expect(response.status).toBe(404);
    expect(response.headers.get("x-error-code")).toBe("RevisionNotFound");
    expect((await response.json()).error).toMatch(message);
  });
});

describe("the API", () => {
  test("a model, with its commit and its files", async () => {
    const info = await json(`/api/models/${NAME}/revision/seed-42`);
    expect(info).toMatchObject({ id: NAME, private: false, library_name: "transformers" });
    expect(info.siblings).toEqual(
      ["config.json", "generation_config.json", "model.safetensors"].map((rfilename) => ({ rfilename })),
    );
    const blobs = await json(`/api/models/${NAME}/revision/${info.sha}?blobs=true`);
    const { oid, ...lfs } = blobs.siblings[2].lfs;
    expect(blobs.siblings[2]).toMatchObject({ rfilename: "model.safetensors", size: 438592 });
    expect(lfs).toEqual({ sha256: oid, size: 438592, pointerSize: 135 }); // Python's client reads sha256 here, oid in a tree
    expect((await ask(`/api/models/${NAME}`)).headers.get("x-error-code")).toBe("RevisionNotFound");
    expect((await json(`/api/models/${NAME}`, {}, served({ seed: 42 }))).sha).toBe(info.sha);
    expect((await json("/api/models/alone/revision/seed-42")).id).toBe("alone");
  });

  test("a tree, at a revision and at its commit", async () => {
    const tree = await json(`/api/models/${NAME}/tree/seed-42.200KB?recursive=true`);
    expect(tree.map(({ path }: { path: string }) => path)).toEqual([
      ...["config.json", "generation_config.json", "model-00001-of-00003.safetensors"],
      ...["model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors", "model.safetensors.index.json"],
    ]);
    for (const entry of tree) {
      const response = await ask(file("seed-42.200KB", entry.path), { method: "HEAD" });
      expect(response.headers.get("content-length")).toBe(String(entry.size));
      expect(response.headers.get("etag")).toContain(entry.oid);
    }
    expect((await ask(`/api/models/${NAME}/tree/seed-42/folder`)).status).toBe(404);
  });

  test.each([
    ["JSON", "application/json", JSON.stringify({ paths: ["config.json", "none"], expand: false })],
    ["a form", "application/x-www-form-urlencoded", "paths=config.json&paths=none&expand=false"],
  ])("paths, by %s", async (_, type, body) => {
    const headers = { "Content-Type": type, "Content-Length": String(body.length) };
    const found = await json(`/api/models/${NAME}/paths-info/seed-42`, { method: "POST", headers, body });
    expect(found).toMatchObject([{ type: "file", path: "config.json" }]);
    expect(found).toHaveLength(1);
  });

  test("config and generation config", async () => {
    expect(await json(file("seed-42", "config.json"))).toEqual(config);
    expect(await json(file("seed-42", "generation_config.json"))).toEqual({
      _from_model_config: true,
      eos_token_id: 99,
    });
    const { architectures: _, ...unnamed } = config;
    expect(generationConfig(unnamed)).toEqual({ _from_model_config: true, eos_token_id: 99 });
    const bert = tinyConfig("bert");
    const other = router({ models: { [NAME]: { config: bert } } });
    const { status } = await respond(new Request(`http://localhost${file("seed-1", "generation_config.json")}`), other);
    expect([status, generationConfig(bert)]).toEqual([404, undefined]);
  });

  test("the default revision by its other name, which @huggingface/hub asks for", async () => {
    const source = served({ seed: 42 });
    const response = await ask(`/api/models/${NAME}/revision/HEAD?expand=sha`, {}, source);
    expect((await response.json()).sha).toBe((await json(`/api/models/${NAME}`, {}, source)).sha);
    expect(response.headers.get("cache-control")).toBe("no-cache, no-transform");
    expect((await ask(`/api/models/${NAME}/revision/HEAD`)).headers.get("x-error-message")).toContain('"main"');
  });

  test("a file under raw, where @huggingface/hub asks whether it exists", async () => {
    const status = async (name: string) => (await ask(`/${NAME}/raw/seed-42/${name}`, { method: "HEAD" })).status;
    expect([await status("config.json"), await status("model.safetensors"), await status("none")]).toEqual([
      ...[200, 200, 404],
    ]);
  });

  test("paths are asked for by POST alone", async () => {
    const path = `/api/models/${NAME}/paths-info/seed-42`;
    for (const method of ["GET", "HEAD", "PUT", "OPTIONS"]) {
      const { status, headers } = await ask(path, { method });
      expect([method, status, headers.get("allow")]).toEqual([
        ...[method, method === "OPTIONS" ? 204 : 405, "POST, OPTIONS"],
      ]);
    }
    expect((await ask(file("seed-42"), { method: "POST" })).headers.get("allow")).toBe("GET, HEAD, OPTIONS");
  });

  describe("a start page", () => {
    const command = async (source?: Router) => {
      const text = await (await ask("/", {}, source)).text();
      return /^ {2}curl -O http:\/\/localhost(\S+)$/m.exec(text)?.[1] ?? text;
    };

    test.each<[string, Partial<RouterOptions>, string]>([
      ["one file", {}, file("seed-42")],
      ["a seed of its own", { seed: 7 }, file("main")],
      ["several files", { maxShardBytes: 200e3 }, file("seed-42", "model-00001-of-00003.safetensors")],
    ])("of a server of %s has a command that works", async (_, options, path) => {
      const source = served(options);
      expect(await command(source)).toBe(path);
      expect((await ask(path, { method: "HEAD" }, source)).status).toBe(200);
    });

    test("has no command of transformers for a model of diffusers", async () => {
      const page = async (type: string) =>
        (await ask("/", {}, router({ models: { [NAME]: { config: tinyConfig(type) } } }))).text();
      expect(await page("llama")).toMatch(/AutoModel.from_pretrained\("nn-init\/tiny", revision="seed-42"\)'\n$/);
      expect(await page("UNet2DModel")).toMatch(/hf download nn-init\/tiny --revision seed-42\n$/);
    });

    test("of a model that costs too much is a page", async () => {
      expect(await command(served({ maxShardBytes: 1000 }))).toBe(file("seed-42", "config.json"));
    });
  });
});

test("a file of another split is refused with the names that there are", async () => {
  const response = await ask(file("seed-42.200KB"));
  expect(response.status).toBe(404);
  expect((await response.json()).error).toMatch(
    /no file "model\.safetensors"; there are .*"model-00001-of-00003\.safe/,
  );
});

describe("refusals", () => {
  test.each([
    ["another model", "/nn-init/other/resolve/seed-1/config.json", 404, "RepoNotFound"],
    ["another model's API", "/api/models/nn-init/other", 404, "RepoNotFound"],
    ["a prototype's property", "/__proto__/resolve/seed-1/config.json", 404, "RepoNotFound"],
    ["another file", file("seed-1", "pytorch_model.bin"), 404, "EntryNotFound"],
    ["a file of another split", file("seed-1", "model-00001-of-00002.safetensors"), 404, "EntryNotFound"],
    ["a path out of the model", file("seed-1", "..%2f..%2fetc%2fpasswd"), 404, "EntryNotFound"],
    ["another path", "/nn-init", 404, "EntryNotFound"],
    ["the API itself", "/api/models/", 404, "EntryNotFound"],
    ["what the API does not have", `/api/models/${NAME}/commits/main`, 404, "EntryNotFound"],
  ])("%s", async (_, path, status, code) => {
    const response = await ask(path);
    expect(response.status).toBe(status);
    expect(response.headers.get("x-error-code")).toBe(code);
    expect(await response.text()).not.toMatch(/\bat |\.[jt]s\b/); // no stack
  });

  test("a body that is too long, is not JSON, or does not say how long it is", async () => {
    const path = `/api/models/${NAME}/paths-info/seed-1`;
    const post = (body: string, headers: Record<string, string>) => ask(path, { method: "POST", body, headers });
    const type = { "Content-Type": "application/json" };
    expect((await post("{}", type)).status).toBe(413);
    expect((await post("{}", { ...type, "Content-Length": "long" })).status).toBe(413);
    expect((await post("{", { ...type, "Content-Length": "1" })).status).toBe(400);
    expect((await post("{}", { ...type, "Content-Length": "100001" })).status).toBe(413);
  });

  test("more requests at once than allowed; one that ends or is left makes room", async () => {
    const source = served({ maxConcurrent: 2 });
    const [first, second] = [await ask(file("seed-1"), {}, source), await ask(file("seed-1"), {}, source)];
    const third = await ask(file("seed-1"), {}, source);
    expect([third.status, third.headers.get("retry-after"), third.headers.get("x-error-code")]).toEqual([
      503,
      "1",
      "Busy",
    ]);
    await first.body?.cancel();
    const fourth = await ask(file("seed-1"), { method: "HEAD" }, source);
    expect(fourth.status).toBe(200);
    await second.arrayBuffer();
    for (let i = 0; i < 5; ++i) expect((await ask(file("none"), {}, source)).status).toBe(404);
    expect((await ask(file("seed-1", "config.json"), {}, source)).status).toBe(200);
  });

  test("models that cost too much", async () => {
    const plan: Plan = {
      rules: [
        { rank: 2, scheme: "orthogonal" },
        { match: "*", scheme: "zeros" },
      ],
    };
    const costly = (options: Partial<RouterOptions>) => router({ models: { [NAME]: { config, plan } }, ...options });
    const matrix = await ask(file("seed-1"), {}, costly({ maxWholeBytes: 1000 }));
    expect([matrix.status, (await matrix.json()).error]).toEqual([
      400,
      expect.stringMatching(/a range of "\S+" \(split\) costs its \d+ bytes, more than maxWholeBytes, 1000/),
    ]);
    expect((await ask(file("seed-1"), {}, costly({}))).status).toBe(200);
    expect((await ask(file("seed-1.f16"), {}, router({ models: { [NAME]: { config, plan: large } } }))).status).toBe(
      404,
    );
  });

  test("a file above the cap, which a stranger asks for by a wider dtype", async () => {
    const source = served({ maxShardBytes: 100e3 }); // the largest tensor has 65,536 bytes in f32
    for (const revision of ["seed-1", "seed-1.1KB"]) {
      expect((await ask(file(revision, "config.json"), {}, source)).status).toBe(200);
    }
    const response = await ask(file("seed-1.f64", "config.json"), {}, source);
    expect([response.status, (await response.json()).error]).toEqual([
      400,
      expect.stringMatching(/^a file of "\S+" \(normal\) costs its 131072 bytes, more than maxShardBytes, 100000$/),
    ]);
  });

  test("the largest file that a router makes is one that clients take", async () => {
    const tensors = Array.from({ length: 499 }, (_, i) => ({ name: `w${i}`, shape: [25e6], scheme: "zeros" as const }));
    const models = { [NAME]: { config, model: modelOfShapes("large", tensors) } };
    const response = await ask(file("seed-1"), { method: "HEAD" }, router({ models, maxShardBytes: 49.9e9 }));
    expect(Number(response.headers.get("content-length"))).toBeGreaterThan(49.9e9);
    expect(Number(response.headers.get("content-length"))).toBeLessThan(50e9);
  });

  test.each<[string, unknown, RegExp]>([
    ["no options", undefined, /models: expected an object/],
    ["a wrong name", { models: { "a/b/c": { config } } }, /models: expected names such as owner\/name/],
    ["no models", { models: {} }, /models: expected an object of one or more models by name, got Object/],
    ["a list of no models", { models: [] }, /models: expected an object of one or more models by name, got \[\]/],
    ["a text", { models: "abc" as never }, /models: expected an object of one or more models by name, got "abc"/],
    ["a list of models", { models: [{ config: {} }] }, /models: expected an object of one or more models by name/],
    [
      "a Map of models",
      { models: new Map([[NAME, { config }]]) },
      /models: expected an object of one or more models by name, got Map/,
    ],
    ["an unknown key", { models: {}, sede: 1 }, /perhaps "?seed/],
    [
      "a config of no known type",
      { models: { [NAME]: { config: { model_type: "none" } } } },
      /models\["nn-init\/tiny"\].config: model_type: expected/,
    ],
    ["no config", { models: { [NAME]: {} } }, /models\["nn-init\/tiny"\].config: config: expected an object/],
    [
      "more tensors than allowed",
      { maxTensors: 27, ...of({}) },
      /models\["nn-init\/tiny"\]: expected at most 27 tensors/,
    ],
    ["no plan", of({ plan: [] }), /models\["nn-init\/tiny"\].plan: plan: expected an object with a list of rules/],
    [
      "a plan that does not decide all",
      of({ plan: { rules: [] } }),
      /tiny"\].plan: no rule matches "transformer.h.0.attn.c_attn.bias"/,
    ],
    ["no plans", of({ plans: [wide] }), /models\["nn-init\/tiny"\].plans: expected an object/],
    ["a plan of no value", of({ plans: { wide: undefined } }), /tiny"\].plans\["wide"\]: plan: expected an object/],
    ["a plan that fails", of({ plans: { wide: { rules: [{}] } } }), /plans\["wide"\]: plan.rules\[0\]: expected match/],
    ["a plan that no revision can name", of({ plans: { "a.b": wide } }), /plans\["a.b"\]: expected a name of/],
    ["a model without schemes", of({ model: bare }), /models\["nn-init\/tiny"\].model: no scheme for "w"/],
    ["a config that is not JSON", of({ config: { ...config, odd: 1n } }), /models\["nn-init\/tiny"\].config: .*BigInt/],
    ["files that clients refuse", { ...of({}), maxShardBytes: 50e9 }, /maxShardBytes: expected at most 49900000000/],
  ])("a router with %s", (_, options, message) => {
    expect(() => router(options as RouterOptions)).toThrow(message);
  });
});

test.each([
  ["what it is", `/api/models/${NAME}/revision/refs%2Fpr%2F1`, {}],
  ["its files", `/api/models/${NAME}/tree/refs%2Fpr%2F1`, {}],
  ["paths", `/api/models/${NAME}/paths-info/refs%2Fpr%2F1`, post("paths=config.json")],
  ["paths, with slashes that are not encoded", `/api/models/${NAME}/paths-info/refs/pr/1`, post("paths=config.json")],
  ["a file", file("refs%2Fpr%2F1"), {}],
])("a revision with slashes is not found, and named whole: %s", async (_, path, init) => {
  const { headers } = await ask(path, init);
  expect(headers.get("x-error-code")).toBe("RevisionNotFound");
  expect(headers.get("x-error-message")).toContain("refs/pr/1");
});

test("pages of other origins may send JSON", async () => {
  const { headers } = await ask(`/api/models/${NAME}/paths-info/seed-1`, { method: "OPTIONS" });
  expect(headers.get("access-control-allow-headers")).toContain("Content-Type");
});

test("a drawing that fails ends its answer, which makes room for another", async () => {
  let ended = 0;
  const failing = () => {
    throw new RangeError("no memory");
  };
  const resource = { byteLength: 1e6, etag: "x", type: "x", headers: {}, reader: () => failing };
  const body = streamOf(resource, { parts: [{ begin: 0, end: 1e6 }], length: 1e6 }, () => ++ended);
  await expect(new Response(body).arrayBuffer()).rejects.toThrow();
  expect(ended).toBe(1);
});

test("a commit that asks for larger files than the server makes is refused", async () => {
  const small = served({ maxShardBytes: 200e3 });
  const sha = (await ask(file("seed-42"), { method: "HEAD" })).headers.get("x-repo-commit") ?? "";
  const response = await ask(file(sha), {}, small);
  expect([response.status, response.headers.get("x-error-code")]).toEqual([404, "RevisionNotFound"]);
  expect(response.headers.get("x-error-message")).toContain("its files may exceed 200000 bytes");
  const own = (await ask(file("seed-42", "config.json"), {}, small)).headers.get("x-repo-commit") ?? "";
  expect((await ask(file(own, "config.json"), {}, small)).status).toBe(200);
});

test.each([
  ["a file", file("seed-42"), {}, 200],
  ["a range", file("seed-42"), { headers: { Range: "bytes=1-9" } }, 206],
  ["a file that is not there", file("seed-42", "x\u00fc"), {}, 404],
  ["a method that is not there", file("seed-42"), { method: "PUT", body: "x" }, 405],
  ["a condition that fails", file("seed-42"), { headers: { "If-Match": '"x"' } }, 412],
  ["a range that is not there", file("seed-42"), { headers: { Range: "bytes=9-1" } }, 416],
  ["a busy server", file("seed-42"), {}, 503],
  ["paths", `/api/models/${NAME}/paths-info/seed-42`, post("paths=config.json"), 200],
] as const)("the answer says its length: %s", async (_, path, init, status) => {
  const response = await ask(path, init, served(status === 503 ? { maxConcurrent: 0 } : {}));
  expect(response.status).toBe(status);
  expect(response.headers.get("content-length")).toBe(String((await bytesOf(response)).length));
});

describe("a router of some families", () => {
  const all = Object.entries<Family>(families);

  test("each is named as its type, in camel case", () => {
    const camel = (type: string) =>
      type
        .replace(/^[A-Z]/, (first) => first.toLowerCase())
        .replace(/[-_](.)/g, (_, next: string) => next.toUpperCase());
    expect(Object.fromEntries(all.map(([name, [type]]) => [name, type]))).toEqual(
      Object.fromEntries(MODEL_TYPES.map((type) => [camel(type), type])),
    );
  });

  test.each(all)("%s alone, with what it needs, serves what the router of all serves", async (_, family) => {
    const models = { [NAME]: { config: tinyConfig(family[0]) } };
    const [own, other] = await Promise.all(
      [routerOf([family], { models }), router({ models })].map((source) =>
        ask(file("seed-1"), { method: "HEAD" }, source),
      ),
    );
    expect(own?.status).toBe(200);
    expect([...(own?.headers ?? [])]).toEqual([...(other?.headers ?? [])]);
  });

  test("refuses a model of another, and what is no family", () => {
    const models = { [NAME]: { config } };
    expect(() => routerOf([families.mistral, families.bert], { models })).toThrow(
      'models["nn-init/tiny"].config: model_type: expected one of the families that routerOf was given, ["mistral", "bert", "llama"], got "gpt2"',
    );
    expect(() => routerOf(["gpt2"] as never, { models })).toThrow(
      "families: expected a list of families from nn-init/families",
    );
    const message = 'families: expected a list of families from nn-init/families, got "gpt2"';
    expect(() => routerOf("gpt2" as never, { models })).toThrow(message);
  });

  test("takes a plan with expressions from parsePlan, and refuses a raw one at once", async () => {
    const plan: Plan = { rules: [{ match: "*", scheme: "normal", std: "1 / n_embd" as never }] };
    const models = (plan: Plan) => ({ models: { [NAME]: { config, plans: { own: plan } } } });
    const message =
      'models["nn-init/tiny"].plans["own"]: rules[0] (match "*"), tensor "transformer.h.0.attn.c_attn.bias": expression "1 / n_embd": expected a name';
    expect(() => routerOf([families.gpt2], models(plan))).toThrow(message);
    const source = routerOf([families.gpt2], models(parsePlan(plan)));
    const [own, raw] = await Promise.all(
      [source, router(models(plan))].map(async (one) => bytesOf(await ask(file("seed-1.plan-own"), {}, one))),
    );
    expect(own?.equals(raw as Buffer)).toBe(true);
  });

  test("takes a model that is given without any family", async () => {
    const source = routerOf([], { models: { [NAME]: { config, model: modelOf(config) } } });
    expect((await ask(file("seed-42"), { method: "HEAD" }, source)).status).toBe(200);
  });
});
