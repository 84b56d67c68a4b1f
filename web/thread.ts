/** A thread of a pool: what `nn-init/threads` starts where the page is isolated. */
import "nn-init/threads/worker";
