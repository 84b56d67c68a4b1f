/** Checkpoints in a bucket: everything. */
import { testBucket } from "./bucket.cases.js";

testBucket(true);
