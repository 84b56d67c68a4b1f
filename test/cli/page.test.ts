/** The pages of audit, lab and bench as wholes: their policy, their numbers at extremes, and hostile names. */

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { reportPage } from "../../bench/report.page.js";
import type { AuditedTensor } from "../../src/audit/found.js";
import { auditPage } from "../../src/cli/audit.html.js";
import type { PrintedAudit } from "../../src/cli/audit.printed.js";
import type { BenchResult } from "../../src/cli/bench.result.js";
import { labPage } from "../../src/cli/lab.html.js";
import { type LabReport, type LayerReport, lab } from "../../src/lab.js";

const TENSOR: AuditedTensor = {
  name: "h.0.weight",
  dtype: "F32",
  shape: [4, 4],
  rule: null,
  distributions: [{ kind: "normal", mean: 0, std: 1 }],
  verdict: "ok",
  excess: 0,
  failures: [],
  notes: [],
  expected: { mean: 0, std: 1 },
  measured: { min: -1, max: 1, mean: 0, std: 1, kurtosis: 3, zeros: 0, nonFinite: 0, distinct: 16, among: 16 },
  histogram: { low: -1, high: 1, measured: [0.25, 0.5, 0.25], expected: [0.3, 0.4, 0.3] },
};

const AUDIT: PrintedAudit = {
  path: "model.safetensors",
  expectedFrom: "the file's own record",
  verdict: "ok",
  falseAlarms: null,
  checks: 0,
  bytes: 64,
  seconds: 0,
  missing: [],
  strayShards: [],
  tensors: [TENSOR],
};

const LAB = lab({ depth: 3, width: 8, samples: 4, seeds: 2, scheme: { scheme: "normal", std: 1 } });

const OWN: BenchResult = {
  format: "nn-init bench 1",
  machine: {
    ...{ cpu: "a processor", cores: 2, arch: "x64", os: "linux", runtime: "Node 20.0.0", javascript: "V8 11" },
    ...{ nnInit: "1.2.3", threads: 2 },
  },
  cells: [64, 1024].flatMap((size) => [
    { distribution: "memory.fill", engine: "limit", to: "arena", dtype: "f32", size, seconds: [size * 1e-11] },
    { distribution: "normal", engine: "simd", to: "arena", dtype: "f32", size, seconds: [size * 1e-9, 1] },
  ]),
};
const USES = { normals64: 1e-6, first: 0.02, gpt2: { one: 0.2, all: 0.1 } };
const RIVALS = { machine: "a machine", size: 64, rates: [{ name: "nn-init", distribution: "normal", rate: 0.9 }] };

const PAGES = { audit: () => auditPage(AUDIT), lab: () => labPage(LAB), bench: () => reportPage(OWN, USES, RIVALS) };

describe.each(Object.entries(PAGES))("the page of %s", (_, make) => {
  const html = make();

  test("has a policy that allows its own style and nothing else", () => {
    const style = /<style>([^<]*)<\/style>/.exec(html)?.[1] as string;
    const hash = createHash("sha256").update(style).digest("base64");
    expect(html).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`,
    );
    expect(style).not.toMatch(/[&"]/); // which would be escaped, and the hash wrong
    expect(html).not.toMatch(/<script|https?:|url\(|@import| style=| on\w+=/);
  });

  test("says of every image what it is, and follows the reader's colours", () => {
    const images = html.match(/<svg[^>]*>/g) ?? [];
    const named = html.match(/<svg role="img"[^>]*><title>[^<]+<\/title><desc>[^<]+<\/desc>/g) ?? [];
    expect(named.length).toBeGreaterThan(0);
    expect(named.length).toBe(images.filter((image) => !image.includes('aria-hidden="true"')).length);
    expect(html).toContain("@media (prefers-color-scheme: dark)");
    for (const [, variable] of html.matchAll(/var\((--\w+)\)/g)) expect(html).toContain(`${variable}: #`);
    expect(html).not.toMatch(/(fill|stroke)="(?!none|transparent|var\()/);
  });
});

/** Every attribute that holds a place or a size is a number, or a path of numbers. */
function checkNumbers(html: string): void {
  const places = html.matchAll(/ (?:x|y|d|cx|cy|r|width|height|transform|viewBox)="([^"]*)"/g);
  const values = Array.from(places, ([, value]) => value as string);
  expect(values.filter((value) => !/^(translate\()?[-\d., MLHVZAvh]*\)?$/.test(value))).toEqual([]);
  expect(html).not.toMatch(/(width|height)="-/);
}

describe("numbers at extremes are drawn, or named as not drawn", () => {
  const VALUES = [0, 1e-38, 1e38, Number.MIN_VALUE, Number.MAX_VALUE, Number.NaN, Number.POSITIVE_INFINITY];
  const [layer] = LAB.layers as [LayerReport];
  const labOf = (values: readonly number[]): string => {
    const layers = values.map((x, i) => {
      const band = { mean: x, low: x, high: x, theory: x };
      return { ...layer, layer: i + 1, forward: band, backward: band, correlation: band };
    });
    const jacobian = { singularValues: values, conditionNumber: Number.NaN, meanSquare: 0 };
    return labPage({ ...LAB, recommendation: null, layers, jacobian } as LabReport);
  };

  test("in a lab of one layer, of seven, and of 500", () => {
    for (const values of [
      ...VALUES.map((x) => [x]),
      VALUES,
      Array.from({ length: 500 }, (_, i) => VALUES[i % 7] as number),
    ]) {
      checkNumbers(labOf(values));
    }
    expect(labOf(VALUES)).toContain(
      "Not drawn: 3 of the 7 layers of normal std 1, which have no finite value above 0.",
    );
    expect(labOf([0])).not.toContain("signal variance, layer by layer");
    expect(labOf(Array(500).fill(1)).length).toBeLessThan(400_000);
  });

  test("in an audit, where bins can be one, equal, or as wide as all doubles", () => {
    const ends = [...VALUES, -Number.MAX_VALUE];
    const tensors = ends.flatMap((low) =>
      ends.flatMap((high) =>
        [[1], [0, 0], [0.5, Number.NaN, 0.5]].map((measured) => ({
          ...TENSOR,
          histogram: { low, high, measured, expected: measured },
          measured: { ...TENSOR.measured, min: low, max: high },
        })),
      ),
    );
    const html = auditPage({ ...AUDIT, tensors });
    checkNumbers(html);
    expect(html.match(/<svg/g)?.length).toBe((tensors.length * 2) / 3); // one bin has no picture
  });

  test("the first 500 tensors have plots", () => {
    const html = auditPage({ ...AUDIT, tensors: Array(501).fill(TENSOR) });
    expect(html.match(/<tr/g)?.length).toBe(502);
    expect(html.match(/<svg/g)?.length).toBe(500);
  });
});

/** The names of all elements, in order, without those in the style. */
const elements = (html: string) => [...html.matchAll(/<\/?[a-z]\w*/g)].map(([tag]) => tag);

test.each([
  '"><script>alert(1)</script>',
  "</title><img src=x onerror=alert(1)>",
  "' onload='x",
  "</td></tr></table><style>*{display:none}</style>",
  "\u202e\u0000</desc>&#x3c;b>",
])("no text that comes from a file makes an element: %j", (text) => {
  const tensor = (text: string): AuditedTensor => ({
    ...TENSOR,
    name: text,
    copyOf: text,
    failures: [{ check: "mean", excess: 2, sentence: text }],
    notes: [{ check: "constant", sentence: text }],
  });
  const audit = (text: string) =>
    auditPage({
      ...AUDIT,
      path: text,
      expectedFrom: text,
      missing: [text],
      strayShards: [{ path: text, sentence: text }],
      tensors: [tensor(text)],
    });
  const experiment = (text: string) =>
    labPage({
      ...LAB,
      network: { ...LAB.network, activation: text },
      recommendation: { scheme: LAB.scheme, reason: text, source: text, run: null },
      verdict: { ...LAB.verdict, sentence: text },
      scheme: { ...LAB.scheme, layout: text } as unknown as LabReport["scheme"],
      meanField: null,
    });
  const report = (text: string) => {
    const rates = [{ name: text, distribution: "normal", rate: 1 }];
    return reportPage({ ...OWN, machine: { ...OWN.machine, cpu: text } }, USES, { ...RIVALS, machine: text, rates });
  };
  for (const make of [audit, experiment, report]) {
    expect(make("unmistakable").split("unmistakable").length).toBeGreaterThan(3);
    expect(elements(make(text))).toEqual(elements(make("unmistakable")));
    expect(make(text)).not.toMatch(/<[^>]*\son\w+=/);
  }
  for (const letter of ["\u202e", "\u0000"]) expect(audit(text)).not.toContain(letter);
});
