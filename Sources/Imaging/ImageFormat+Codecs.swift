import CImageCodecs

extension ImageFormat {
    /// The function that reads a header.
    var inspect:
        @convention(c) (
            UnsafeRawPointer, Int, ic_request, UnsafeMutablePointer<ic_header>, UnsafeMutablePointer<CChar>
        ) -> ic_status
    {
        switch self {
        case .jpeg: ic_jpeg_inspect
        case .png: ic_png_inspect
        case .webp: ic_webp_inspect
        case .avif, .heic: ic_heif_inspect
        case .gif: ic_gif_inspect
        case .tiff: ic_tiff_inspect
        }
    }

    /// The function that decodes a file.
    var decode:
        @convention(c) (
            UnsafeRawPointer, Int, ic_request, UnsafePointer<ic_sink>, UnsafeMutablePointer<CChar>
        ) -> ic_status
    {
        switch self {
        case .jpeg: ic_jpeg_decode
        case .png: ic_png_decode
        case .webp: ic_webp_decode
        case .avif, .heic: ic_heif_decode
        case .gif: ic_gif_decode
        case .tiff: ic_tiff_decode
        }
    }

    /// The function that encodes a picture; nil for formats that are only read.
    var encode:
        (
            @convention(c) (
                UnsafePointer<ic_encoding>, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>,
                UnsafeMutablePointer<Int>, UnsafeMutablePointer<CChar>
            ) -> ic_status
        )?
    {
        switch self {
        case .jpeg: ic_jpeg_encode
        case .png: ic_png_encode
        case .webp: ic_webp_encode
        case .avif: ic_avif_encode
        case .heic, .gif, .tiff: nil
        }
    }
}
