/// A small font for captions on contact sheets: digits, small letters and some signs, 5 pixels wide and 8 high.
///
/// Capitals are drawn as small letters, and what the font lacks as a question mark.
enum CaptionFont {
    /// From one character to the next, in pixels.
    static let advance = 6
    /// From one line to the next, in pixels.
    static let lineHeight = 10

    /// A character and its rows from the top, one digit for each pixel; the eighth row is below the line.
    private static let table = """
        0 01110 10001 10011 10101 11001 10001 01110
        1 00100 01100 00100 00100 00100 00100 01110
        2 01110 10001 00001 00110 01000 10000 11111
        3 11111 00010 00100 00010 00001 10001 01110
        4 00010 00110 01010 10010 11111 00010 00010
        5 11111 10000 11110 00001 00001 10001 01110
        6 00110 01000 10000 11110 10001 10001 01110
        7 11111 00001 00010 00100 01000 01000 01000
        8 01110 10001 10001 01110 10001 10001 01110
        9 01110 10001 10001 01111 00001 00010 01100
        a 00000 00000 01110 00001 01111 10001 01111
        b 10000 10000 10110 11001 10001 10001 11110
        c 00000 00000 01110 10000 10000 10001 01110
        d 00001 00001 01101 10011 10001 10001 01111
        e 00000 00000 01110 10001 11111 10000 01110
        f 00110 01001 01000 11100 01000 01000 01000
        g 00000 00000 01111 10001 10001 01111 00001 01110
        h 10000 10000 10110 11001 10001 10001 10001
        i 00100 00000 01100 00100 00100 00100 01110
        j 00010 00000 00110 00010 00010 00010 10010 01100
        k 10000 10000 10010 10100 11000 10100 10010
        l 01100 00100 00100 00100 00100 00100 01110
        m 00000 00000 11010 10101 10101 10101 10101
        n 00000 00000 10110 11001 10001 10001 10001
        o 00000 00000 01110 10001 10001 10001 01110
        p 00000 00000 11110 10001 10001 11110 10000 10000
        q 00000 00000 01111 10001 10001 01111 00001 00001
        r 00000 00000 10110 11001 10000 10000 10000
        s 00000 00000 01111 10000 01110 00001 11110
        t 01000 01000 11100 01000 01000 01001 00110
        u 00000 00000 10001 10001 10001 10011 01101
        v 00000 00000 10001 10001 10001 01010 00100
        w 00000 00000 10001 10001 10101 10101 01010
        x 00000 00000 10001 01010 00100 01010 10001
        y 00000 00000 10001 10001 10001 01111 00001 01110
        z 00000 00000 11111 00010 00100 01000 11111
        . 00000 00000 00000 00000 00000 01100 01100
        , 00000 00000 00000 00000 01100 00100 01000
        - 00000 00000 00000 11111 00000 00000 00000
        _ 00000 00000 00000 00000 00000 00000 11111
        + 00000 00100 00100 11111 00100 00100 00000
        : 00000 01100 01100 00000 01100 01100 00000
        [ 01110 01000 01000 01000 01000 01000 01110
        ] 01110 00010 00010 00010 00010 00010 01110
        % 11000 11001 00010 00100 01000 10011 00011
        / 00000 00001 00010 00100 01000 10000 00000
        = 00000 00000 11111 00000 11111 00000 00000
        ' 00100 00100 01000 00000 00000 00000 00000
        ? 01110 10001 00001 00010 00100 00000 00100
        """

    private static let glyphs: [Character: [[Bool]]] = Dictionary(
        uniqueKeysWithValues: table.split(separator: "\n").map { line in
            let rows = line.dropFirst(2).split(separator: " ").map { row in row.map { $0 == "1" } }
            return (line.first ?? "?", rows)
        })

    /// Calls `body` with the column and row of each pixel of a line of text, from the left and the top.
    static func forEachPixel(of text: String, _ body: (_ column: Int, _ row: Int) -> Void) {
        for (index, character) in text.lowercased().enumerated() where character != " " {
            for (row, pixels) in (glyphs[character] ?? glyphs["?"] ?? []).enumerated() {
                for (column, isSet) in pixels.enumerated() where isSet { body(index * advance + column, row) }
            }
        }
    }
}
