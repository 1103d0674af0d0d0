#include "fuzzing_http.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <poll.h>

// The server's own function starts the daemon, but without a thread.
#define MHD_USE_EPOLL_INTERNAL_THREAD MHD_USE_EPOLL
// It says of the pointers that Swift sees whether they can be null, and not of others.
#pragma clang diagnostic ignored "-Wnullability-completeness"
#include "../../Sources/CMicroHTTPD/shim.h"

struct MHD_Daemon *fuzz_http_start(int listening_socket, size_t connection_memory, const void *callbacks) {
    const struct dd_mhd_options options = {.listening_socket = listening_socket,
                                           .connection_limit = 16,
                                           .idle_timeout = 30,
                                           .threads = 1,
                                           .connection_memory = connection_memory};
    return dd_mhd_start(&options, (const struct dd_mhd_callbacks *)callbacks);
}

bool fuzz_http_connect(struct MHD_Daemon *daemon, int socket) {
    const struct sockaddr_in peer = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    return MHD_add_connection(daemon, socket, (const struct sockaddr *)&peer, sizeof peer) == MHD_YES;
}

unsigned int fuzz_http_work(struct MHD_Daemon *daemon) {
    struct pollfd events = {.fd = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->listen_fd, .events = POLLIN};
    unsigned long long timeout = 0;
    do {
        (void)MHD_run(daemon);
    } while (poll(&events, 1, 0) > 0 || (MHD_get_timeout(daemon, &timeout) == MHD_YES && timeout == 0));
    return MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)->num_connections;
}
