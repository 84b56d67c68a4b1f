/** Checkpoints in a bucket: what takes little time. */
import { testBucket } from "./bucket.cases.js";

testBucket(false);
