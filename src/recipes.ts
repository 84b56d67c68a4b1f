export { type Advice, type Layer, type Normalization, recommend, type Situation } from "./recipes/recommend.js";
