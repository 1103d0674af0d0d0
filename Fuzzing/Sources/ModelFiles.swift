import ModelLibrary
@testable import VisionNet

/// Reads the header, every tensor, and what the metadata says about the network.
func readSafetensors(_ bytes: UnsafeRawBufferPointer) throws {
    let file = try SafetensorsFile(staticBytes: bytes, name: "input")
    for (name, info) in file.tensors {
        let values = try file.tensor(named: name, shape: info.shape)
        require(values.count == info.shape.reduce(1, *), "a tensor has not as many values as its shape says")
    }
    try? file.readData { data in _ = data.reduce(0, &+) }
    for (key, value) in file.metadata where key.hasPrefix(ChannelNames.keyPrefix) {
        _ = try ChannelNames(value, of: key, count: 768, file: "input")
    }
    _ = try ModelHeader(file.metadata, file: "input")
}

/// Reads a file of `torch.save` or a wheel, and every tensor in it.
func readPyTorchFile(_ bytes: UnsafeRawBufferPointer) throws {
    _ = try StateDictionary.readAll(of: Array(bytes))
}
