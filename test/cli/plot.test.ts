/** The plots of pages: scales and labels of numbers of any size, whole images without gaps in them, and hostile names. */
import fc from "fast-check";
import { type ComponentChild, type FunctionComponent, h } from "preact";
import { renderToString } from "preact-render-to-string";
import { describe, expect, test } from "vitest";
import { Bars } from "../../src/chart/bars.js";
import { COLOURS } from "../../src/chart/colour.js";
import { type Area, Frame, textWidth } from "../../src/chart/frame.js";
import { HeatMap } from "../../src/chart/heatmap.js";
import { Histogram } from "../../src/chart/histogram.js";
import { Legend } from "../../src/chart/legend.js";
import { type AxisScale, linearScale, logScale, numberText } from "../../src/chart/scale.js";
import { Band, Line, Marks, Tips } from "../../src/chart/series.js";

const { MAX_VALUE, MIN_VALUE } = Number;

test.each([
  [0, 3, "0"],
  [-0, 3, "0"],
  [Number.NaN, 3, "NaN"],
  [Number.NEGATIVE_INFINITY, 3, "-Infinity"],
  [0.02, 3, "0.02"],
  [-0.00012345, 3, "-0.000123"],
  [0.00001, 3, "1e-5"],
  [123456, 6, "123456"],
  [999999.9, 3, "1e6"],
  [1e-38, 3, "1e-38"],
  [-2.5e38, 3, "-2.5e38"],
  [MIN_VALUE, 3, "5e-324"],
  [MAX_VALUE, 3, "1.8e308"],
])("the number %s with %i digits is %s", (x, digits, text) => {
  expect(numberText(x, digits)).toBe(text);
});

const labels = (scale: AxisScale, most = 6) => scale.ticks(most).map(({ label }) => label);

describe("ticks are at round numbers, of", () => {
  test.each<[string, number[], string[]]>([
    ["nothing", [], ["0", "0.2", "0.4", "0.6", "0.8", "1"]],
    ["no finite number", [Number.NaN, Number.POSITIVE_INFINITY], ["0", "0.2", "0.4", "0.6", "0.8", "1"]],
    ["zeros", [0, 0], ["-1", "-0.5", "0", "0.5", "1"]],
    ["one number", [5, Number.NaN], ["4.4", "4.6", "4.8", "5", "5.2", "5.4", "5.6"]],
    ["the smallest floats", [0, 1e-38], ["0", "2e-39", "4e-39", "6e-39", "8e-39", "1e-38"]],
    ["the largest floats", [-1e38, 1e38], ["-1e38", "-5e37", "0", "5e37", "1e38"]],
    ["all doubles", [-MAX_VALUE, MAX_VALUE], ["-1.5e308", "-1e308", "-5e307", "0", "5e307", "1e308", "1.5e308"]],
    ["neighbours", [1000001, 1000003], ["1000001", "1000001.5", "1000002", "1000002.5", "1000003"]],
  ])("%s, linearly", (_, values, expected) => {
    expect(labels(linearScale(values))).toEqual(expected);
  });

  test.each<[string, number[], string[]]>([
    ["nothing", [], ["0.5", "1", "2"]],
    ["nothing with a logarithm", [0, -1, Number.NaN, Number.POSITIVE_INFINITY], ["0.5", "1", "2"]],
    ["one number", [3], ["1", "2", "5", "10"]],
    ["less than a decade", [0.3, 4.2], ["0.2", "0.5", "1", "2", "5"]],
    ["some decades", [1e-7, 5], ["1e-6", "0.0001", "0.01", "1"]],
    ["all floats", [1e-38, 1e38], ["1e-20", "1", "1e20"]],
    ["all doubles", [MIN_VALUE, MAX_VALUE], ["1e-200", "1", "1e200"]],
  ])("%s, logarithmically", (_, values, expected) => {
    expect(labels(logScale(values))).toEqual(expected);
  });

  test("whole numbers only, where layers are counted", () => {
    const layers = (count: number) =>
      labels(
        linearScale(
          Array.from({ length: count }, (_, i) => i + 1),
          { round: false, whole: true },
        ),
      );
    expect(layers(1)).toEqual(["1"]);
    expect(layers(2)).toEqual(["1", "2"]);
    expect(layers(500)).toEqual(["100", "200", "300", "400", "500"]);
  });
});

/** Doubles of every size, and what is no number. */
const anything = fc.array(fc.oneof(fc.double(), fc.constantFrom(0, 1, 1e-38, 1e38, MIN_VALUE, MAX_VALUE)), {
  maxLength: 6,
});

test("on any numbers, ticks are on the axis and in order, with labels of their own that say where they are", () => {
  fc.assert(
    fc.property(anything, fc.integer({ min: 1, max: 9 }), (values, most) => {
      for (const scale of [linearScale(values), linearScale(values, { round: false }), logScale(values)]) {
        const ticks = scale.ticks(most);
        expect(ticks.length).toBeGreaterThan(0);
        expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
        const places = ticks.map(({ value }) => scale.place(value) as number);
        for (const [i, place] of places.entries()) {
          expect(place).toBeGreaterThanOrEqual(i === 0 ? -1e-9 : (places[i - 1] as number));
          expect(place).toBeLessThanOrEqual(1 + 1e-9);
          expect(scale.place(Number(ticks[i]?.label)) ?? place).toBeCloseTo(place, 2);
        }
      }
      for (const x of values.filter(Number.isFinite)) {
        expect(linearScale(values).place(x)).toBeDefined();
        expect(logScale(values).place(x) !== undefined).toBe(x > 0);
      }
      expect(linearScale(values).place(Number.NaN)).toBeUndefined();
    }),
  );
});

const render = <P extends object>(component: FunctionComponent<P>, props: P): string =>
  renderToString(h(component, props));

interface Box {
  readonly left: number;
  readonly right: number;
  readonly y: number;
  readonly text: string;
}

/** Where the texts of an image lie, by the widths that plots are laid out with. */
function textsOf(svg: string): Box[] {
  const anchors = ["start"];
  const boxes: Box[] = [];
  for (const [, end, name, attributes, text] of svg.matchAll(/<(\/?)(\w+)([^>]*)>([^<]*)/g)) {
    if (end) anchors.pop();
    else anchors.push(/text-anchor="(\w+)"/.exec(attributes as string)?.[1] ?? (anchors.at(-1) as string));
    if (end || name !== "text") continue;
    const [x, y] = ["x", "y"].map((key) => Number(new RegExp(` ${key}="([^"]*)"`).exec(attributes as string)?.[1]));
    const width = textWidth(text as string);
    const left =
      (x as number) - width * { start: 0, middle: 0.5, end: 1 }[anchors.at(-1) as "start" | "middle" | "end"];
    boxes.push({ left, right: left + width, y: y as number, text: text as string });
  }
  return boxes;
}

/** Fails for attributes with NaN or an infinity, and for texts that overlap or are cut off. */
function checkImage(svg: string): void {
  const places = svg.matchAll(/ (?:x|y|d|cx|cy|r|width|height|transform)="([^"]*)"/g);
  const values = Array.from(places, ([, value]) => value as string);
  expect(values.filter((value) => !/^(translate\()?[-\d.,MLHVZAvh]*\)?$/.test(value))).toEqual([]);
  expect(svg).not.toMatch(/(width|height)="-/);
  const box = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) as RegExpExecArray;
  const [width, height] = [Number(box[1]), Number(box[2])];
  const texts = textsOf(svg);
  expect(texts.filter(({ left, right, y }) => left < 0 || right > width || y > height)).toEqual([]);
  const over = (a: Box, b: Box) => a.right > b.left && b.right > a.left && Math.abs(a.y - b.y) < 11;
  expect(texts.filter((a, i) => texts.slice(0, i).some((b) => over(a, b)))).toEqual([]);
}

const STYLE = { colour: COLOURS.measured, mark: "circle" } as const;
const NAMES = { title: "a plot", description: "numbers" };

/** A frame that holds everything that a frame can hold. */
const full = (values: readonly number[], log: boolean, draw?: (area: Area) => void): string =>
  render(Frame, {
    ...NAMES,
    x: { scale: linearScale(values), title: "x" },
    y: { scale: (log ? logScale : linearScale)(values), title: "y" },
    children: (area) => {
      draw?.(area);
      const points = values.map((x) => ({ x, y: x }));
      const ranges = values.map((x) => ({ x, low: x, high: 2 * x }));
      return [
        h(Band, { area, ranges, colour: COLOURS.third }),
        h(Line, { area, points, style: STYLE }),
        h(Marks, { area, points, style: STYLE }),
        h(Tips, { area, tips: values.map((x) => ({ x, text: numberText(x, 3) })) }),
      ];
    },
  });

describe("an image of any numbers has no broken attribute, and no text on another or cut off:", () => {
  test("frames", () => {
    fc.assert(
      fc.property(anything, fc.boolean(), (values, log) => checkImage(full(values, log))),
      { numRuns: 200 },
    );
  });

  test("histograms", () => {
    const shares = fc.array(fc.double({ min: 0, max: 1 }), { minLength: 1, maxLength: 41 });
    fc.assert(
      fc.property(fc.double(), fc.double(), shares, (low, high, shares) => {
        const bins = { low, high, shares, expected: shares };
        checkImage(render(Histogram, { ...NAMES, ...bins, barWidth: 5, height: 46 }));
      }),
      { numRuns: 100 },
    );
    const labelled = { barWidth: 2, height: 40, labels: [-4, 0, 4], heading: "layer 100000" };
    checkImage(render(Histogram, { ...NAMES, low: -4, high: 4, shares: Array(41).fill(1), ...labelled }));
  });

  test("bars", () => {
    const named = fc.record({ name: fc.string({ maxLength: 20 }), value: fc.double({ min: 0 }) });
    fc.assert(
      fc.property(fc.array(named, { maxLength: 9 }), (list) => {
        const bars = list.map((bar) => ({ ...bar, name: bar.name.replace(/[<>]/g, "x"), colour: COLOURS.measured }));
        checkImage(render(Bars, { ...NAMES, bars }).replace(/&\w+;/g, "x"));
      }),
      { numRuns: 100 },
    );
  });
});

test("a line has gaps where numbers are missing, and a dot between two gaps", () => {
  const y = [1, 2, Number.NaN, 3, Number.POSITIVE_INFINITY, 4, 5, 0];
  const points = y.map((y, x) => ({ x, y }));
  const line = (scale: AxisScale) =>
    render(Frame, {
      ...NAMES,
      x: { scale: linearScale([0, 7]) },
      y: { scale },
      children: (area) => h(Line, { area, points, style: STYLE }),
    });
  const runs = (svg: string) =>
    / d="([^"]*)" fill="none" stroke="var\(--measured\)"/.exec(svg)?.[1]?.match(/M/g)?.length;
  const log = line(logScale(y));
  expect(runs(log)).toBe(3);
  expect(log.match(/<circle/g)?.length).toBe(1);
  expect(line(linearScale(y)).match(/<circle/g)?.length).toBe(1);
});

test("marks lie at the pixels of their numbers", () => {
  const checks = (area: Area) => {
    expect([area.x(0), area.x(10), area.y(0), area.y(10)]).toEqual([area.left, area.right, area.bottom, area.top]);
    expect(area.x(5)).toBeCloseTo((area.left + area.right) / 2, 1);
    expect([area.x(11), area.y(null), area.spot(3, Number.NaN)]).toEqual([undefined, undefined, undefined]);
  };
  expect.assertions(6);
  expect(full([0, 10], false, checks)).toContain("<svg");
  const logChecks = (area: Area) => expect(area.y(10)).toBeCloseTo((area.top + area.bottom) / 2, 1);
  expect(full([1, 100], true, logChecks)).toContain("<svg");
});

test("cells of a heat map that are alike are drawn as one, and unknown ones not at all", () => {
  const [a, b] = [
    { colour: COLOURS.measured, opacity: 0.5 },
    { colour: COLOURS.theory, opacity: 0.5 },
  ];
  const area = { left: 0, right: 30, top: 0, bottom: 20 } as Area;
  const svg = render(HeatMap, {
    area,
    rows: [
      [a, a, b],
      [b, undefined, b],
    ],
    tip: (row, begin, end) => `${row}: ${begin} to ${end}`,
  });
  expect([...svg.matchAll(/<title>(.*?)</g)].map(([, text]) => text)).toEqual([
    ...["0: 0 to 2", "0: 2 to 3", "1: 0 to 1", "1: 2 to 3"],
  ]);
  expect(svg).toContain('x="0" y="10" width="20" height="10" fill="var(--measured)"'); // the first row is the lowest
});

test("rows of a heat map meet: no seam is left by rounding", () => {
  const rows = Array.from({ length: 60 }, () => [{ colour: COLOURS.measured, opacity: 0.5 }]);
  const area = { left: 44, right: 390, top: 24, bottom: 272 } as Area; // rows of 4.13 pixels
  const svg = render(HeatMap, { area, rows, tip: () => "" });
  const places = [...svg.matchAll(/ y="([\d.]+)" width="346" height="([\d.]+)"/g)].map((found) =>
    found.slice(1).map(Number),
  );
  expect(places).toHaveLength(60);
  places.slice(1).forEach(([y, height], i) => {
    expect((y as number) + (height as number)).toBeCloseTo(places[i]?.[0] as number, 9);
  });
});

test("an image says what it is; a pointer is told numbers, in at most 120 strips", () => {
  const many = Array.from({ length: 500 }, (_, i) => i);
  const svg = full(many, false);
  expect(svg).toMatch(/^<svg role="img"[^>]*><title>a plot<\/title><desc>numbers<\/desc>/);
  expect(svg.match(/<rect/g)?.length).toBe(100);
  expect(render(Histogram, { ...NAMES, low: 0, high: 2, shares: [0.25, 0.75], barWidth: 5, height: 9 })).toContain(
    "<title>1 to 2: 75%</title>",
  );
});

/** The names of all elements, in order. */
const elements = (html: string) => [...html.matchAll(/<\/?[a-z]+/g)].map(([tag]) => tag);

const HOSTILE = [
  '"><script>alert(1)</script>',
  "</title></svg><img src=x onerror=alert(1)>",
  "' onload='x",
  "&lt;",
  "{}",
];

test.each(HOSTILE)("the text %j makes no element and leaves no attribute, wherever it stands", (text) => {
  const images = (text: string) =>
    [
      h(Bars, { title: text, description: text, bars: [{ name: text, value: 1, colour: COLOURS.ink }] }),
      h(Legend, { entries: [{ name: text, style: STYLE }] }),
      h(Histogram, { ...NAMES, title: text, low: 0, high: 1, shares: [1], barWidth: 5, height: 9, heading: text }),
      h(Frame, {
        title: text,
        description: text,
        x: { scale: linearScale([0, 1]), title: text },
        y: { scale: linearScale([0, 1]), title: text },
        children: (area: Area) => h(Tips, { area, tips: [{ x: 0, text }] }),
      }),
    ].map((image) => renderToString(image as ComponentChild as Parameters<typeof renderToString>[0]));
  for (const [i, image] of images(text).entries()) {
    expect(elements(image)).toEqual(elements(images("text")[i] as string));
    expect(image).not.toMatch(/<[^>]*\son\w+=/);
  }
});
