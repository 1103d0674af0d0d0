extension ImageOrientation {
    /// The orientation in a file's EXIF data; ``topLeft``, which is upright, if there is none or it is invalid.
    ///
    /// EXIF data is in JPEG's APP1 segments and PNG's `eXIf` chunk. Broken EXIF data is no reason to refuse a picture.
    package init(of file: UnsafeRawBufferPointer, format: ImageFormat) {
        let reader = EXIFReader(bytes: file)
        let tiff =
            switch format {
            case .jpeg: reader.tiffOfJPEG()
            case .png: reader.tiffOfPNG()
            }
        self = tiff.flatMap { reader.orientation(ofTIFF: $0) } ?? .topLeft
    }
}
