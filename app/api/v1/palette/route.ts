import { searchPalette } from "@/lib/features/settings/queries";
import { readRoute } from "@/lib/http/route";

export const GET = readRoute(searchPalette);
