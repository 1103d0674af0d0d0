// A daemon of libmicrohttpd as the server has it, but without threads: it works only when it is told to.
#ifndef DEEPDREAM_FUZZING_HTTP_H
#define DEEPDREAM_FUZZING_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct MHD_Daemon;

/// Starts a daemon with the options of the server's own.
///
/// @param callbacks a `dd_mhd_callbacks`, which must outlive the daemon.
struct MHD_Daemon *_Nullable fuzz_http_start(int listening_socket, size_t connection_memory,
                                             const void *_Nonnull callbacks);

/// Hands the daemon a connected socket, as if it had accepted it. The daemon closes it.
bool fuzz_http_connect(struct MHD_Daemon *_Nonnull daemon, int socket);

/// Lets the daemon work until it waits for its clients.
///
/// @return the number of open connections.
unsigned int fuzz_http_work(struct MHD_Daemon *_Nonnull daemon);

#endif
