import { type SourceFile, sourceFile } from "./source-file.ts";

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** A rule of the house about source files. It proves itself on examples of bad and good code. */
export interface Rule {
  readonly name: string;
  /** Why the house has it. */
  readonly because: string;
  applies(path: string): boolean;
  check(file: SourceFile, house: House): readonly Finding[];
  readonly bad: readonly Example[];
  readonly good: readonly Example[];
}

/** A file's path and its content. */
export type Example = readonly [path: string, text: string];

/** All source files, for rules that look beyond one. */
export interface House {
  readonly files: ReadonlyMap<string, SourceFile>;
  /** Ids of the rooms, which are the names of their folders. */
  readonly rooms: ReadonlySet<string>;
}

const ROOM_FOLDER = /^src\/(?:infrastructure|resources|systems|services|standards|management)\/([^/]+)\//;

export function houseOf(files: readonly SourceFile[]): House {
  return {
    files: new Map(files.map((file) => [file.path, file])),
    rooms: new Set(files.flatMap((file) => ROOM_FOLDER.exec(file.path)?.[1] ?? [])),
  };
}

/** A house of examples, with a few rooms so that there is something to name. */
export function exampleHouse(examples: readonly Example[]): House {
  const rooms: readonly Example[] = [
    ["src/resources/population/contract.ts", ""],
    ["src/systems/quality/contract.ts", ""],
  ];
  return houseOf([...rooms, ...examples].map(([path, text]) => sourceFile(path, text)));
}

export function isTest(path: string): boolean {
  return /\.(?:test|test-d)\.ts$/.test(path) || path.startsWith("test/") || path.split("/").includes("testing");
}

export function finding(file: SourceFile, line: number, message: string): Finding {
  return { path: file.path, line, message };
}
