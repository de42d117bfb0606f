/** A scan of a hundred pages takes less; what takes longer is taken for one that cannot be read. */
export const PDF_READING_MAX_MS = 5_000;
export const PDF_MEMORY_MAX_MIB = 256;
/** The thread that reads PDFs goes when nobody needed it for so long. */
export const PDF_THREAD_IDLE_MS = 30_000;
