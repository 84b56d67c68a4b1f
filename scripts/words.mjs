// Texts of JSON with short codes in place of what they often repeat: the files of families are 150 KB, of which most are
// the same few keys. What a code stands for can have codes in it, those of earlier words.
const CODE = "~"; // and one character; no text has it
const CODES = Array.from({ length: 0x5d }, (_, i) => String.fromCharCode(0x21 + i)).filter(
  (character) => !['"', "'", "\\", "`"].includes(character),
);
const AT_ONCE = 5; // words that are chosen from one count
const LONGEST = 60; // characters of a word
const MOST_TOKENS = 12; // of a word

/** @returns the words by their codes, and the texts with codes in place of them. */
export function abbreviate(texts) {
  if (texts.some((text) => text.includes(CODE))) throw new Error(`expected texts without ${CODE}`);
  const words = {};
  let left = texts;
  for (let codes = CODES; codes.length > 0; codes = codes.slice(AT_ONCE)) {
    for (const [i, word] of oftenIn(left).slice(0, codes.length).entries()) {
      words[codes[i]] = word;
      left = left.map((text) => text.replaceAll(word, CODE + codes[i]));
    }
  }
  return { words, texts: left };
}

/** What would save the most, and does not overlap: strings, other characters, and what consists of these. */
function oftenIn(texts) {
  const saved = ({ word, count }) => (count - 1) * (word.length - 2);
  const found = [];
  const words = repeatedIn(texts).sort((a, b) => saved(b) - saved(a) || a.at - b.at || a.word.length - b.word.length);
  for (const { word } of words) {
    if (found.length === AT_ONCE) break;
    if (!found.some((other) => other.includes(word) || word.includes(other))) found.push(word);
  }
  return found;
}

/** Words that are there more than once, with the place of the first. What is there once is so with more behind it, too. */
function repeatedIn(texts) {
  const tokens = texts.flatMap((text) => [...text.match(/"[^"]*":?|~.|[^"~]/g), " ".repeat(LONGEST + 1)]);
  const words = [...tokens]; // that begin at each place
  const repeated = [];
  let places = [...tokens.keys()];
  for (let n = 1; n <= MOST_TOKENS; ++n) {
    const counts = new Map();
    places = places.filter((at) => words[at].length <= LONGEST);
    for (const at of places) {
      const known = counts.get(words[at]);
      if (known === undefined) counts.set(words[at], { word: words[at], at, count: 1 });
      else known.count += 1;
    }
    places = places.filter((at) => counts.get(words[at]).count > 1);
    for (const one of counts.values()) if (one.count > 1) repeated.push(one);
    for (const at of places) words[at] += tokens[at + n];
  }
  return repeated;
}
