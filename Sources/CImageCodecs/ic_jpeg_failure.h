// libjpeg's errors as a status and a sentence, shared by the decoder and the encoder.
#ifndef IC_JPEG_FAILURE_H
#define IC_JPEG_FAILURE_H

#include <setjmp.h>
#include <stdio.h>  // jpeglib.h uses FILE and size_t without including them

#include <jpeglib.h>

#include "image_codecs.h"

typedef struct ic_jpeg_failure {
    struct jpeg_error_mgr manager;  // first: libjpeg hands its address back to us
    jmp_buf escape;
    ic_status status;
    char *message;
} ic_jpeg_failure;

// Gives the manager to put into a jpeg struct's `err`; set `escape` with setjmp before any other call of libjpeg.
struct jpeg_error_mgr *ic_jpeg_failure_prepare(ic_jpeg_failure *failure, char *message);

#endif
