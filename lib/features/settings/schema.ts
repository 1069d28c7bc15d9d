import { z } from "zod";

export const PaletteInput = z.object({ q: z.string().trim().max(100).default("") });
export const NoInput = z.object({});
