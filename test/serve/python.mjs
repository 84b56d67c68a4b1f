// The Python that has the clients of requirements.txt: PYTHON, or an environment of its own outside of the repository.
import { fileURLToPath } from "node:url";
import { pythonWith } from "../python.mjs";

/** Its path; undefined where there is no Python 3. The first call may take minutes: PyTorch is large. */
export const python = async () => pythonWith(fileURLToPath(new URL("requirements.txt", import.meta.url)), "serve");
