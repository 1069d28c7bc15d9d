import { accessSync, constants } from "node:fs";
import path from "node:path";

/** Whether no folder of PATH has the program. */
export function missingTool(name, searchPath = process.env.PATH ?? "") {
  return !searchPath.split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
