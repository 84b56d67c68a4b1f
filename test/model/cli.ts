export { CLI, folder } from "../cli/build.js";
