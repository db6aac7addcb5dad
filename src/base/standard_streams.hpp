// Standard output and standard error that may be closed, or lead to a full disk or a pipe without a reader.
#pragma once

namespace bru {

/// To be called before any file is opened. Whoever started the program may have closed its standard streams; the next
/// file that is opened would take the place of one of them, and results would be printed into it. Afterwards reading a
/// stream that was closed gives nothing, and writing to it fails.
void hold_standard_streams();

/// Writes everything that was printed. False where some of it did not arrive: that is an error of its own.
bool flush_standard_output();

} // namespace bru
