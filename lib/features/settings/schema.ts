import { z } from "zod";

export const PaletteInput = z.strictObject({ q: z.string().trim().max(100).default("") });
export const SettingsInput = z.strictObject({});
