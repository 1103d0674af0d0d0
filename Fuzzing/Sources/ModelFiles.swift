@testable import ModelLibrary
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

/// Reads a file of `torch.save` or a wheel as it is, and every tensor in it.
func readPyTorchFile(_ bytes: UnsafeRawBufferPointer) throws {
    _ = try StateDictionary.readAll(of: Array(bytes))
}

/// Reads a zip file, with the checksums of its entries corrected: no mutation would get past them otherwise.
func readWheel(_ bytes: UnsafeRawBufferPointer) throws {
    var corrected = Array(bytes)
    correctChecksums(ofZip: &corrected, in: 0..<corrected.count, depth: 2)
    _ = try StateDictionary.readAll(of: corrected)
}

/// Corrects the CRC-32 of every entry that the directories name, in zip files within the zip file first.
private func correctChecksums(ofZip bytes: inout [UInt8], in range: Range<Int>, depth: Int) {
    func number(_ count: Int, at place: Int) -> Int {
        guard place >= range.lowerBound, place <= range.upperBound - count else { return -1 }
        return bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    // PKWARE's APPNOTE.TXT, sections 4.3.7 and 4.3.12.
    let (localHeader, directoryEntry) = (0x0403_4b50, 0x0201_4b50)
    for entry in range where bytes[entry] == 0x50 && number(4, at: entry) == directoryEntry {
        let (method, size, header) = (number(2, at: entry + 10), number(4, at: entry + 20), number(4, at: entry + 42))
        guard header >= 0, number(4, at: range.lowerBound + header) == localHeader else { continue }
        let start = range.lowerBound + header
        let (nameLength, extraLength) = (number(2, at: start + 26), number(2, at: start + 28))
        let content = start + 30 + nameLength + extraLength
        guard size >= 0, content <= range.upperBound - size else { continue }
        if method == 0, depth > 1 { correctChecksums(ofZip: &bytes, in: content..<content + size, depth: depth - 1) }
        let checksum = bytes[content..<content + size].withUnsafeBytes { data -> UInt32 in
            guard method == 8 else { return Zlib.checksum(data) }
            var inflated = [UInt8](repeating: 0, count: min(max(number(4, at: entry + 24), 0), 1 << 20))
            return inflated.withUnsafeMutableBytes { output in
                let count = Zlib.inflate(data, into: output)?.count ?? 0
                return Zlib.checksum(UnsafeRawBufferPointer(rebasing: output[..<count]))
            }
        }
        withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(entry + 16..<entry + 20, with: $0) }
    }
}
