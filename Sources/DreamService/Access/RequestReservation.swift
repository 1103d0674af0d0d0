import HTTPServer

/// What is set aside for a request with a photo, until its job has ended.
final class RequestReservation: BodyReservation {
    let upload: UploadMemory.Reservation
    let place: ClientPlaces.Place

    init(upload: UploadMemory.Reservation, place: ClientPlaces.Place) {
        self.upload = upload
        self.place = place
    }

    func take(_ bytes: Int) -> Bool { upload.take(bytes) }
}
