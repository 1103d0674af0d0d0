/// A parser of untrusted input.
struct FuzzTarget: Sendable {
    /// Also the name of its folders in `Corpora` and `Regressions`, and of its dictionary.
    let name: String
    private let parse: @Sendable (UnsafeRawBufferPointer) throws -> Void

    /// - Parameter parse: reads one input. It may throw: refusing an input is no finding. Traps, memory errors, and a
    ///   property that ``require(_:_:)`` finds broken are.
    init(_ name: String, _ parse: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void) {
        self.name = name
        self.parse = parse
    }

    /// Every target. A new one is a row here, and a folder of small valid inputs in `Corpora`.
    static let all = [
        FuzzTarget("jpeg", decodePicture),
        FuzzTarget("png", decodePNG),
        FuzzTarget("webp", decodePicture),
        FuzzTarget("heif", decodePicture),
        FuzzTarget("gif", decodePicture),
        FuzzTarget("tiff", decodePicture),
        FuzzTarget("icc", convertColours),
        FuzzTarget("exif", readEXIF),
        FuzzTarget("safetensors", readSafetensors),
        FuzzTarget("pytorch", readPyTorchFile),
        FuzzTarget("wheel", readWheel),
        FuzzTarget("hdf5", importKerasFile),
        FuzzTarget("form", parseForm),
        FuzzTarget("json", readJSON),
        FuzzTarget("head", readHead),
        FuzzTarget("connection", readConnection),
        FuzzTarget("recipe", readRecipe),
        FuzzTarget("record", readRecord),
        FuzzTarget("configuration", readConfiguration),
    ]

    func run(_ bytes: UnsafeRawBufferPointer) {
        do {
            try parse(bytes)
        } catch {
            // Clients and logs get the error's text, so that must be possible to make too.
            _ = "\(error)"
        }
    }
}

/// Reports a finding unless `condition` holds.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    guard condition else { fatalError(message()) }
}
