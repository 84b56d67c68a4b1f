/** `nn-init/train/digits`: handwritten digits to train on, apart from the code that trains. */
export { loadDigits } from "./train/digits.js";
