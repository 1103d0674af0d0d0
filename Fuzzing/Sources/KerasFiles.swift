import CFuzzing
import Glibc
import ModelLibrary
import VisionNet

/// The files of Tests/ModelLibraryTests/Fixtures that changes begin with, and nil for an empty file.
private let beginnings: [[UInt8]?] = [
    nil, nil, contents("keras3_without_names.weights.h5"), contents("official_layout.h5"),
]
/// The networks in those files have this width.
private let width = Width(factor: 0.05)

/// Imports an HDF5 file. libhdf5 crashes on damaged ones, which is its own matter; so the bytes say how to change a
/// valid file, and libhdf5 makes those changes: names, attributes, types, shapes, values and links.
func importKerasFile(_ bytes: UnsafeRawBufferPointer) throws {
    guard let first = bytes.first else { return }
    // libhdf5 asks for the real path of a file, so a file of memory alone would not do.
    let path = "/dev/shm/deepdream-fuzzing-\(getpid()).h5"
    defer { unlink(path) }
    let beginning = beginnings[Int(first) % beginnings.count]
    if let beginning {
        guard let file = fopen(path, "wb") else { fatalError("\(path): \(String(cString: strerror(errno)))") }
        let written = fwrite(beginning, 1, beginning.count, file)
        require(fclose(file) == 0 && written == beginning.count, "\(path) cannot be written")
    }
    let changes = Array(bytes.dropFirst())
    require(fuzz_h5_change(path, beginning == nil, changes, changes.count), "libhdf5 cannot change its own file")
    let weights = try KerasWeights(contentsOf: path, width: width)
    for (name, shape) in weights.tensors {
        let values = try weights.tensor(named: name, shape: shape)
        require(values.count == shape.reduce(1, *), "a tensor has not as many values as its shape says")
    }
}

private func contents(_ name: String) -> [UInt8] {
    let path = "Tests/ModelLibraryTests/Fixtures/\(name)"
    guard let file = fopen(path, "rb") else { fatalError("\(path) is missing; run this in the repository's root") }
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: ftell(file))
    rewind(file)
    require(fread(&bytes, 1, bytes.count, file) == bytes.count, "\(path) cannot be read")
    return bytes
}
