export { checkHealth as GET } from "@/lib/http/health";
