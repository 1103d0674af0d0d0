// Turns libjpeg's errors into a status and a message, for the decoder and the encoder.
#ifndef IC_JPEG_FAILURE_H
#define IC_JPEG_FAILURE_H

#include <setjmp.h>
#include <stdio.h> // jpeglib.h uses FILE and size_t without including them

#include <jpeglib.h>

#include "image_codecs.h"

typedef struct ic_jpeg_failure {
    struct jpeg_error_mgr manager; // first: libjpeg hands its address back to us
    jmp_buf escape;
    ic_status status;
    char *message;
    int accepts_damage; // whether losing pixels is only counted
    int warnings;       // how often pixels were lost
} ic_jpeg_failure;

// Returns the value for the `err` field of a jpeg struct. Call setjmp on `escape` before any other function of libjpeg.
struct jpeg_error_mgr *ic_jpeg_failure_prepare(ic_jpeg_failure *failure, char *message);

// Ends the decoding or encoding from within one of its callbacks.
_Noreturn void ic_jpeg_leave(ic_jpeg_failure *failure, ic_status status, const char *message);

#endif
