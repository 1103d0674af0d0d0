// libmicrohttpd for Swift. There are three reasons for this shim:
// - MHD_start_daemon, MHD_get_connection_info and others are variadic, and Swift does not import variadic functions.
// - Swift would import MHD's enumerations as enums without unknown cases, but a newer libmicrohttpd may have more
//   cases. The callbacks here use bool and integers instead.
// - libmicrohttpd's callbacks have different parameters. Here each gets the same `context` first.
// https://www.gnu.org/software/libmicrohttpd/manual/libmicrohttpd.html
#ifndef DEEPDREAM_CMICROHTTPD_SHIM_H
#define DEEPDREAM_CMICROHTTPD_SHIM_H

#include <microhttpd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
// The server watches suspended connections with these two, which Swift's Glibc module lacks.
#include <sys/epoll.h>
#include <sys/eventfd.h>

_Static_assert(MHD_VERSION >= 0x00097000, "libmicrohttpd 0.9.70 or later: MHD_Result, response callbacks with cls");
_Static_assert(sizeof(void *) >= sizeof(uintptr_t), "connection tokens are stored in a pointer");

/// The functions that a daemon calls. They must outlive the daemon.
struct dd_mhd_callbacks {
    void *_Nullable context;

    /// One step of a request: its head, a piece of its body, or its end. `*request` is NULL on the first step; what
    /// the callback stores there is kept for the next steps. The callback sets `*size` to 0 to say that it has consumed
    /// the piece. Returning false closes the connection.
    bool (*_Nonnull step)(void *_Nullable context, struct MHD_Connection *_Nonnull connection,
                          const char *_Nonnull target, const char *_Nonnull method, const char *_Nonnull version,
                          const char *_Nullable data, size_t *_Nonnull size, void *_Nullable *_Nonnull request);

    /// The first line of a request has arrived. `target`: NULL if it has none.
    void (*_Nonnull begun)(void *_Nullable context, struct MHD_Connection *_Nonnull connection,
                           const char *_Nullable target);

    /// A request that was begun has ended. `*request` is NULL if there was no step. `sent`: the whole response was
    /// written to the socket.
    void (*_Nonnull completed)(void *_Nullable context, struct MHD_Connection *_Nonnull connection,
                               void *_Nullable *_Nonnull request, bool sent);

    /// A connection was accepted. The result becomes the connection's token.
    uintptr_t (*_Nonnull opened)(void *_Nullable context, struct MHD_Connection *_Nonnull connection, int socket);

    /// The connection with `token` is about to be closed; its socket is still open.
    void (*_Nonnull closed)(void *_Nullable context, uintptr_t token);

    /// libmicrohttpd is about to answer a request itself, with this status: on the thread that has read the request.
    /// `in_body`: because of the body, after the first step.
    void (*_Nonnull refusing)(void *_Nullable context, unsigned int status, bool in_body);
};

/// The beginning of what libmicrohttpd logs before it answers a request itself. The status and the page follow.
static const char dd_mhd_refusal[] = "Error processing request (HTTP response code is %u";

/// Takes libmicrohttpd's log: there is no other sign of what it answers itself.
static inline void dd_mhd_on_message(void *cls, const char *format, va_list arguments) {
    const struct dd_mhd_callbacks *callbacks = (const struct dd_mhd_callbacks *)cls;
    if (strncmp(format, dd_mhd_refusal, sizeof dd_mhd_refusal - 1) != 0) return;
    const unsigned int status = va_arg(arguments, unsigned int);
    const char *page = va_arg(arguments, const char *);
    const bool in_body =
        status == MHD_HTTP_INTERNAL_SERVER_ERROR || strstr(page, "chunk size") || strstr(page, "chunked encoding");
    callbacks->refusing(callbacks->context, status, in_body);
}

static inline enum MHD_Result dd_mhd_on_step(void *cls, struct MHD_Connection *connection, const char *target,
                                             const char *method, const char *version, const char *data, size_t *size,
                                             void **request) {
    const struct dd_mhd_callbacks *callbacks = (const struct dd_mhd_callbacks *)cls;
    return callbacks->step(callbacks->context, connection, target, method, version, data, size, request) ? MHD_YES
                                                                                                         : MHD_NO;
}

static inline void dd_mhd_on_completed(void *cls, struct MHD_Connection *connection, void **request,
                                       enum MHD_RequestTerminationCode code) {
    const struct dd_mhd_callbacks *callbacks = (const struct dd_mhd_callbacks *)cls;
    callbacks->completed(callbacks->context, connection, request, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
}

static inline void *dd_mhd_on_target(void *cls, const char *target, struct MHD_Connection *connection) {
    const struct dd_mhd_callbacks *callbacks = (const struct dd_mhd_callbacks *)cls;
    callbacks->begun(callbacks->context, connection, target);
    return NULL;
}

/// The connection's socket, or -1.
static inline int dd_mhd_socket(struct MHD_Connection *_Nonnull connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : info->connect_fd;
}

static inline void dd_mhd_on_connection(void *cls, struct MHD_Connection *connection, void **token,
                                        enum MHD_ConnectionNotificationCode code) {
    const struct dd_mhd_callbacks *callbacks = (const struct dd_mhd_callbacks *)cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *token = (void *)callbacks->opened(callbacks->context, connection, dd_mhd_socket(connection));
    } else if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        callbacks->closed(callbacks->context, (uintptr_t)*token);
    }
}

/// Leaves percent-escapes as they are, because libmicrohttpd's own decoding would cut the path at a `%00`.
static inline size_t dd_mhd_on_unescape(void *cls, struct MHD_Connection *connection, char *text) {
    (void)cls;
    (void)connection;
    return strlen(text);
}

struct dd_mhd_options {
    /// A bound, listening socket.
    int listening_socket;
    unsigned int connection_limit;
    /// 0 for no limit.
    unsigned int connection_limit_per_address;
    /// In seconds; 0 for no timeout.
    unsigned int idle_timeout;
    /// The number of threads that poll, at least 1.
    unsigned int threads;
    /// The memory for the head and the buffers of one connection, in bytes.
    size_t connection_memory;
    bool is_ipv6;
};

/// Starts epoll threads that serve `listening_socket`. Returns NULL and closes the socket on failure.
static inline struct MHD_Daemon *_Nullable dd_mhd_start(const struct dd_mhd_options *_Nonnull options,
                                                        const struct dd_mhd_callbacks *_Nonnull callbacks) {
    void *cls = (void *)callbacks;
    const unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                               (options->is_ipv6 ? MHD_USE_IPv6 : 0);
    // libmicrohttpd refuses a pool of one thread, so leave the option out then.
    struct MHD_OptionItem pool[] = {{MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)options->threads, NULL},
                                    {MHD_OPTION_END, 0, NULL}};
    if (options->threads <= 1) pool[0].option = MHD_OPTION_END;
    return MHD_start_daemon(flags, 0, NULL, NULL, &dd_mhd_on_step, cls,
                            // First, as libmicrohttpd asks, so that what it says of the other options gets there, too.
                            MHD_OPTION_EXTERNAL_LOGGER, &dd_mhd_on_message, cls, MHD_OPTION_ARRAY, pool,
                            MHD_OPTION_LISTEN_SOCKET, options->listening_socket, MHD_OPTION_CONNECTION_LIMIT,
                            options->connection_limit, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                            options->connection_limit_per_address, MHD_OPTION_CONNECTION_TIMEOUT, options->idle_timeout,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connection_memory,
                            MHD_OPTION_UNESCAPE_CALLBACK, &dd_mhd_on_unescape, cls, MHD_OPTION_NOTIFY_COMPLETED,
                            &dd_mhd_on_completed, cls, MHD_OPTION_NOTIFY_CONNECTION, &dd_mhd_on_connection, cls,
                            MHD_OPTION_URI_LOG_CALLBACK, &dd_mhd_on_target, cls, MHD_OPTION_END);
}

/// The token that `opened` gave for this connection.
static inline uintptr_t dd_mhd_token(struct MHD_Connection *_Nonnull connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? 0 : (uintptr_t)info->socket_context;
}

/// The peer's address, or NULL.
static inline const struct sockaddr *_Nullable dd_mhd_peer(struct MHD_Connection *_Nonnull connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info == NULL ? NULL : info->client_addr;
}

/// Called for each header field or query parameter. `value` is NULL for a parameter without `=`.
typedef void (*dd_mhd_visitor)(void *_Nullable context, const char *_Nonnull name, size_t name_size,
                               const char *_Nullable value, size_t value_size);

struct dd_mhd_visit {
    dd_mhd_visitor _Nonnull visitor;
    void *_Nullable context;
};

static inline enum MHD_Result dd_mhd_on_value(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_size,
                                              const char *value, size_t value_size) {
    const struct dd_mhd_visit *visit = (const struct dd_mhd_visit *)cls;
    (void)kind;
    visit->visitor(visit->context, name, name_size, value, value_size);
    return MHD_YES;
}

static inline void dd_mhd_each_header(struct MHD_Connection *_Nonnull connection, dd_mhd_visitor _Nonnull visitor,
                                      void *_Nullable context) {
    struct dd_mhd_visit visit = {visitor, context};
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, &dd_mhd_on_value, &visit);
}

static inline void dd_mhd_each_query_parameter(struct MHD_Connection *_Nonnull connection,
                                               dd_mhd_visitor _Nonnull visitor, void *_Nullable context) {
    struct dd_mhd_visit visit = {visitor, context};
    (void)MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, &dd_mhd_on_value, &visit);
}

/// Sets after how many seconds without anything sent libmicrohttpd closes this connection; 0 for never.
static inline void dd_mhd_set_timeout(struct MHD_Connection *_Nonnull connection, unsigned int seconds) {
    (void)MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

struct dd_mhd_cover {
    /// The first byte that no field has covered yet; NULL if a byte was left out.
    const char *position;
};

/// Moves `position` to `next`, if there are only the bytes between that libmicrohttpd puts in the place of separators.
static inline void dd_mhd_cover_gap(struct dd_mhd_cover *cover, const char *next, size_t longest, bool blanks) {
    if (cover->position == NULL || next < cover->position || (size_t)(next - cover->position) > longest) {
        cover->position = NULL;
        return;
    }
    for (const char *byte = cover->position; byte < next; byte++) {
        if (*byte != '\0' && !(blanks && (*byte == ' ' || *byte == '\t'))) {
            cover->position = NULL;
            return;
        }
    }
    cover->position = next;
}

static inline enum MHD_Result dd_mhd_cover_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                                  size_t name_size, const char *value, size_t value_size) {
    struct dd_mhd_cover *cover = (struct dd_mhd_cover *)cls;
    (void)kind;
    // The line end before the field, then its name, a colon and blanks, and its value.
    if (cover->position != NULL && name != cover->position + 2) cover->position = NULL;
    dd_mhd_cover_gap(cover, name, 2, false);
    if (cover->position == NULL || value == NULL) return MHD_YES;
    cover->position = name + name_size;
    dd_mhd_cover_gap(cover, value, SIZE_MAX, true);
    if (cover->position != NULL) cover->position = value + value_size;
    return MHD_YES;
}

static inline enum MHD_Result dd_mhd_cover_argument(void *cls, enum MHD_ValueKind kind, const char *name,
                                                    size_t name_size, const char *value, size_t value_size) {
    struct dd_mhd_cover *cover = (struct dd_mhd_cover *)cls;
    (void)kind;
    dd_mhd_cover_gap(cover, name, SIZE_MAX, false);
    if (cover->position == NULL) return MHD_YES;
    cover->position = name + name_size;
    if (value != NULL) {
        dd_mhd_cover_gap(cover, value, 1, false);
        if (cover->position != NULL) cover->position = value + value_size;
    }
    return MHD_YES;
}

/// Whether what libmicrohttpd shows of a head is all that was sent. Call it on the first step of a request.
///
/// Up to 0.9.76 libmicrohttpd reads a head where it received it, puts zeros in the place of separators, and shows parts
/// of that memory. It hides what it does not understand: folded lines, a bare line feed, an empty field name, and what
/// follows a NUL. Other programs read these differently, so a hidden `Content-Length` would turn a body into a request.
/// So the fields must cover the head without a gap. Later versions have a parser that refuses these themselves, and
/// there this returns true.
///
/// - Parameter target_size: the length of the whole target as it was sent, up to its first NUL.
static inline bool dd_mhd_head_is_whole(struct MHD_Connection *_Nonnull connection, const char *_Nonnull target,
                                        size_t target_size, const char *_Nonnull method, const char *_Nonnull version) {
    const char *library = MHD_get_version();
    if (strncmp(library, "0.9.", 4) != 0 || atoi(library + 4) > 76) return true;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    // One blank follows the target.
    if (info == NULL || version != target + target_size + 1) return false;
    struct dd_mhd_cover cover = {method + strlen(method)};
    // A blank.
    dd_mhd_cover_gap(&cover, target, 1, false);
    if (cover.position == NULL) return false;
    cover.position = target + strlen(target);
    (void)MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, &dd_mhd_cover_argument, &cover);
    dd_mhd_cover_gap(&cover, version, SIZE_MAX, false);
    if (cover.position == NULL) return false;
    cover.position = version + strlen(version);
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, &dd_mhd_cover_header, &cover);
    // The line end of the last field, and that of the empty line.
    const char *end = method + info->header_size;
    if (cover.position == NULL || cover.position + 4 != end) return false;
    dd_mhd_cover_gap(&cover, end, 4, false);
    return cover.position != NULL;
}

/// Makes a response with `body`, which is not copied. When libmicrohttpd does not need it any more, it calls
/// `release(owner)`. Returns NULL, without calling `release`, if there is no memory.
static inline struct MHD_Response *_Nullable dd_mhd_response(const void *_Nullable body, size_t size,
                                                             void (*_Nonnull release)(void *_Nullable owner),
                                                             void *_Nullable owner) {
    return MHD_create_response_from_buffer_with_free_callback_cls(size, (void *)body, release, owner);
}

/// Fills `buffer` with the next bytes of a body; returns how many, or `dd_mhd_body_ended` or `dd_mhd_body_failed`. It
/// may return 0 only after it has suspended the connection.
typedef ssize_t (*dd_mhd_reader)(void *_Nullable owner, uint64_t position, char *_Nonnull buffer, size_t size);

static const ssize_t dd_mhd_body_ended = MHD_CONTENT_READER_END_OF_STREAM;
static const ssize_t dd_mhd_body_failed = MHD_CONTENT_READER_END_WITH_ERROR;

/// Makes a response whose body `read` delivers while it is sent. When libmicrohttpd does not need it any more, it calls
/// `release(owner)`. Returns NULL, without calling `release`, if there is no memory.
static inline struct MHD_Response *_Nullable dd_mhd_stream_response(dd_mhd_reader _Nonnull read,
                                                                    void (*_Nonnull release)(void *_Nullable owner),
                                                                    void *_Nullable owner) {
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16 * 1024, read, owner, release);
}

/// Adds a header field. Returns false if HTTP does not allow it.
static inline bool dd_mhd_add_header(struct MHD_Response *_Nonnull response, const char *_Nonnull name,
                                     const char *_Nonnull value) {
    return MHD_add_response_header(response, name, value) == MHD_YES;
}

/// Queues `response`. If this returns false, the connection must be closed.
static inline bool dd_mhd_queue(struct MHD_Connection *_Nonnull connection, unsigned int status,
                                struct MHD_Response *_Nonnull response) {
    return MHD_queue_response(connection, status, response) == MHD_YES;
}

#endif
