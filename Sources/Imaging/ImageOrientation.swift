/// How a stored picture has to be rotated and mirrored to be shown: tag 0x0112 of EXIF.
///
/// Each name says at which sides the stored picture's first row and first column are shown.
package enum ImageOrientation: UInt16, CaseIterable, Sendable {
    case topLeft = 1
    case topRight
    case bottomRight
    case bottomLeft
    case leftTop
    case rightTop
    case rightBottom
    case leftBottom

    /// Whether the shown width is the stored height.
    package var swapsSides: Bool { rawValue >= 5 }
}
