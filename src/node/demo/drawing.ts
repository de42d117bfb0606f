import { crc32, deflateSync } from "node:zlib";

/** A picture in grey, a byte a pixel: what the demonstration's people upload, made here so that no picture of anybody ships. */
export class Drawing {
  readonly #width: number;
  readonly #height: number;
  readonly #pixels: Uint8Array;

  constructor(size: { readonly width: number; readonly height: number }, background = PAPER) {
    this.#width = size.width;
    this.#height = size.height;
    this.#pixels = new Uint8Array(size.width * size.height).fill(background);
  }

  fill(area: Area, shade: number): this {
    for (let y = area.y; y < Math.min(this.#height, area.y + area.height); y += 1) {
      this.#pixels.fill(shade, y * this.#width + area.x, y * this.#width + Math.min(this.#width, area.x + area.width));
    }
    return this;
  }

  /** Walls around an area. */
  room(area: Area, shade = INK): this {
    this.fill(area, shade);
    return this.fill(
      { x: area.x + WALL, y: area.y + WALL, width: area.width - 2 * WALL, height: area.height - 2 * WALL },
      PAPER,
    );
  }

  /** PNG (RFC 2083), eight bits of grey. */
  png(): Uint8Array {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(this.#width, 0);
    header.writeUInt32BE(this.#height, 4);
    header.set([8, 0, 0, 0, 0], 8);
    const rows = Buffer.alloc((this.#width + 1) * this.#height);
    for (let y = 0; y < this.#height; y += 1) {
      rows.set(this.#pixels.subarray(y * this.#width, (y + 1) * this.#width), y * (this.#width + 1) + 1);
    }
    const chunks = [chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))];
    return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), ...chunks]);
  }
}

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const PAPER = 250;
const INK = 40;
const WALL = 6;

function chunk(type: string, data: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(typed, 4);
  framed.writeUInt32BE(crc32(typed), typed.length + 4);
  return framed;
}

/** A floor plan: kitchen, dining room with six tables, store, counter. */
export function floorPlan(): Uint8Array {
  const plan = new Drawing({ width: 800, height: 560 })
    .room({ x: 40, y: 40, width: 720, height: 480 })
    .room({ x: 40, y: 40, width: 260, height: 300 })
    .room({ x: 40, y: 334, width: 260, height: 186 })
    .fill({ x: 70, y: 70, width: 200, height: 36 }, 170)
    .fill({ x: 70, y: 240, width: 36, height: 70 }, 170)
    .fill({ x: 340, y: 90, width: 30, height: 150 }, 130)
    .fill({ x: 500, y: 514, width: 90, height: 6 }, PAPER);
  for (const x of [430, 620]) {
    for (const y of [90, 230, 370]) plan.fill({ x, y, width: 90, height: 70 }, 200);
  }
  return plan.png();
}

/** What a camera might see on the spot: a tiled wall, a steel sink, shelves. */
export function sitePhotograph(): Uint8Array {
  const photograph = new Drawing({ width: 640, height: 480 }, 205);
  for (let y = 0; y < 300; y += 40) photograph.fill({ x: 0, y, width: 640, height: 2 }, 185);
  for (let x = 0; x < 640; x += 40) photograph.fill({ x, y: 0, width: 2, height: 300 }, 185);
  return photograph
    .fill({ x: 0, y: 300, width: 640, height: 180 }, 120)
    .fill({ x: 90, y: 210, width: 260, height: 130 }, 160)
    .fill({ x: 110, y: 230, width: 220, height: 60 }, 90)
    .fill({ x: 430, y: 70, width: 160, height: 10 }, 70)
    .fill({ x: 430, y: 150, width: 160, height: 10 }, 70)
    .png();
}
