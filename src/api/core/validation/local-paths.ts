/** A path below a folder: relative, and never up. */
export function localPathProblems(path: string): readonly string[] {
  if (path.startsWith("/")) return ["must be a relative path"];
  return path.split("/").includes("..") ? ["must not contain '..'"] : [];
}

/** The same, and not one of the names that volumes keep for themselves. */
export function unreservedPathProblems(path: string): readonly string[] {
  const problems = localPathProblems(path);
  return path.startsWith("..") && !path.startsWith("../") && path !== ".." ? [...problems, "must not start with '..'"] : problems;
}
