/** 1,000 ranges of random files of six models in each dtype. */
import { testRanges } from "./ranges.js";

testRanges(1000);
