/** The parser of expressions, in a file of its own: it makes its tables when it is loaded, so bundles cannot leave it out. */
export { default } from "jsep";
