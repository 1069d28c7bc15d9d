-- AlterTable
ALTER TABLE "Challenge" ADD COLUMN     "stateSealed" BYTEA;
