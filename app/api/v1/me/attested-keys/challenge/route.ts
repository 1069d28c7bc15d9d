import { beginAttestedKey } from "@/lib/features/keys/attested-key-commands";
import { route } from "@/lib/http/route";

export const POST = route(beginAttestedKey);
