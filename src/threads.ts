export {
  AsyncThreadPool,
  openPool,
  openPoolAsync,
  type PoolFillOptions,
  type PoolInitOptions,
  type PoolOptions,
  ThreadPool,
  type WorkerLike,
} from "./pool.js";
