#include "fuzzing.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static enum MHD_Result keep_connection(void *context, struct MHD_Connection *connection, const char *target,
                                       const char *method, const char *version, const char *data, size_t *size,
                                       void **request) {
    (void)target, (void)method, (void)version, (void)data, (void)size, (void)request;
    *(struct MHD_Connection **)context = connection;
    return MHD_YES;
}

struct MHD_Connection *fuzzing_connection(const char *content_type) {
    char head[512];
    const int length = snprintf(
        head, sizeof head, "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: 1\r\n\r\n", content_type);
    if (length < 0 || (size_t)length >= sizeof head) return NULL;

    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) return NULL;
    if (write(ends[1], head, (size_t)length) != length) return NULL;

    // Static: the daemon keeps a pointer to it. No thread: the daemon works only inside MHD_run.
    static struct MHD_Connection *connection;
    connection = NULL;
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, &keep_connection, &connection, MHD_OPTION_END);
    if (daemon == NULL) return NULL;
    const struct sockaddr_in address = {.sin_family = AF_INET};
    if (MHD_add_connection(daemon, ends[0], (const struct sockaddr *)&address, sizeof address) != MHD_YES) return NULL;
    for (int round = 0; round < 10 && connection == NULL; round++) {
        if (MHD_run(daemon) != MHD_YES) return NULL;
    }
    return connection;
}
