import ModelLibrary
import Testing

@Suite("Hashes")
struct DigestTests {
    @Test("are those of RFC 1321 and FIPS 180-4, in one piece or several")
    func knownValues() {
        var md5 = Digest(.md5)
        var sha256 = Digest(.sha256)
        for piece in ["a", "", "bc"] {
            Array(piece.utf8).withUnsafeBytes {
                md5.update($0)
                sha256.update($0)
            }
        }
        #expect(md5.hexadecimal() == "900150983cd24fb0d6963f7d28e17f72")
        #expect(
            sha256.hexadecimal() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("exist for an empty file, but not for a file that cannot be read")
    func edges() throws {
        var empty = Digest(.md5)
        #expect(empty.hexadecimal() == "d41d8cd98f00b204e9800998ecf8427e")
        let directory = try TemporaryDirectory()
        #expect(Digest.hexadecimal(.md5, ofFile: try directory.write("empty", [])) == empty.hexadecimal())
        #expect(Digest.hexadecimal(.md5, ofFile: directory.path("missing")) == nil)
    }
}
