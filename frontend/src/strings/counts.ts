/** Numbers with their nouns. */
export const models = (count: number) =>
  count === 1 ? "1 model" : `${count.toLocaleString("en")} models`;
export const files = (count: number) =>
  count === 1 ? "1 file" : `${count.toLocaleString("en")} files`;
