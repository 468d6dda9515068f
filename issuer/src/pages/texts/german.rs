//! German, in the polite form.

use super::*;

pub(super) static TEXTS: Texts = Texts {
    language: Language::German,
    login: LoginTexts {
        sign_in: "Anmelden",
        to_application: ("weiter zu ", ""),
        to_device: "um ein Gerät zu verbinden",
        to_account: "um Ihr Konto zu sehen",
        username: "Benutzername",
        password: "Passwort",
        signed_in_already: (
            "Sie sind als ",
            " angemeldet. Melden Sie sich noch einmal oder mit einem anderen Konto an.",
        ),
        wrong_password: "Der Benutzername oder das Passwort ist falsch.",
        throttled: |seconds| {
            let wait = match wait(seconds) {
                Wait::Seconds(1) => "einer Sekunde".to_owned(),
                Wait::Seconds(seconds) => format!("{seconds} Sekunden"),
                Wait::Minutes(minutes) => format!("{minutes} Minuten"),
            };
            format!(
                "Es wurden zu viele falsche Passwörter eingegeben. Versuchen Sie es in {wait} noch einmal."
            )
        },
        busy: "Gerade melden sich zu viele Menschen an. Versuchen Sie es gleich noch einmal.",
    },
    consent: ConsentTexts {
        title: "Zugriff erlauben?",
        asks: ("", " möchte Ihr Konto ", " verwenden."),
        vouched: (
            "Die Website ",
            " sagt, dass dies ihre Anwendung ist. Hier hat das niemand geprüft. Fahren Sie nur fort, wenn Sie dieser Website vertrauen und das gerade selbst begonnen haben.",
        ),
        to_this_computer: "Ihre Antwort geht an ein Programm auf diesem Computer. Es könnte jedes Programm sein.",
        unchecked: "Diese Anwendung hat sich selbst registriert, unter einem selbst gewählten Namen, den hier niemand geprüft hat. Fahren Sie nur fort, wenn Sie das gerade selbst begonnen haben.",
        will_be_able: "Die Anwendung darf dann:",
        returns_to: "Führt Sie zurück zu",
        allow: "Erlauben",
        deny: "Ablehnen",
        take_back: "Sie können das in Ihrem Konto jederzeit zurücknehmen.",
    },
    device: DeviceTexts {
        title: "Gerät verbinden",
        type_the_code: "Geben Sie den Code ein, den Ihr Gerät anzeigt.",
        code: "Code",
        question: "Dieses Gerät verbinden?",
        warning: "Fahren Sie nur fort, wenn Sie das Gerät vor sich haben und es genau diesen Code anzeigt. Wer Ihnen den Code oder einen Link geschickt hat, käme sonst in Ihr Konto.",
        will_be_able: "Das Gerät darf dann:",
        connect: "Verbinden",
        do_not_connect: "Nicht verbinden",
        no_code: "Ein Code hat acht Buchstaben, zum Beispiel BCDF\u{2011}GHJK.",
        unknown_code: "Diesen Code gibt es nicht, oder er ist abgelaufen. Vergleichen Sie ihn mit der Anzeige des Geräts.",
        throttled: "Es wurden zu viele falsche Codes eingegeben. Warten Sie eine Minute und versuchen Sie es noch einmal.",
        expired: Message {
            heading: "Dieser Code gilt nicht mehr",
            text: "Er ist abgelaufen oder wurde schon verwendet. Lassen Sie das Gerät einen neuen anzeigen.",
        },
        approved: Message {
            heading: "Das Gerät ist verbunden",
            text: "Es macht in wenigen Sekunden von selbst weiter. Sie können diese Seite schließen.",
        },
        denied: Message {
            heading: "Das Gerät ist nicht verbunden",
            text: "Es hat keinen Zugriff auf Ihr Konto. Sie können diese Seite schließen.",
        },
        decided_before: Message {
            heading: "Das wurde schon entschieden",
            text: "Es gilt, was zuerst gesagt wurde. Sie können diese Seite schließen.",
        },
        nothing_to_grant: Message {
            heading: "Das Gerät kann nicht verbunden werden",
            text: "Ihr Konto darf nichts von dem, was es verlangt. Es hat sich nichts geändert.",
        },
    },
    logout: LogoutTexts {
        title: "Abmelden?",
        asked_by: ("", " fragt, ob Sie sich abmelden möchten."),
        signed_in_as: ("Sie sind als ", " angemeldet."),
        sign_out: "Abmelden",
        stay: "Angemeldet bleiben",
        still_signed_in: Message {
            heading: "Sie sind noch angemeldet",
            text: "Es hat sich nichts geändert.",
        },
        signed_out: Message {
            heading: "Sie sind abgemeldet",
            text: "Sie können dieses Fenster schließen. Bei Anwendungen, die Sie benutzen, sind Sie vielleicht noch angemeldet.",
        },
    },
    leave: LeaveTexts {
        refused: Message {
            heading: "Diese Anfrage kann nicht beantwortet werden",
            text: "Die Anwendung hat um etwas gebeten, das sie nicht bekommt. Sie können diese Seite schließen.",
        },
        unchecked: (
            "Gehen Sie nur dann weiter zu ",
            ", wenn Sie das gerade selbst begonnen haben. Niemand hier hat geprüft, wem das gehört und was Sie dort finden.",
        ),
        go_on_to: ("Weiter zu ", ""),
    },
    account: AccountTexts {
        sessions: "Wo Sie angemeldet sind",
        this_browser: "Dieser Browser",
        unknown_browser: "Ein Browser",
        browser_on: " auf ",
        began: ("Angemeldet ", ""),
        last_used: ("Zuletzt benutzt ", ""),
        sign_out: "Abmelden",
        sign_out_others: "Überall sonst abmelden",
        applications: "Anwendungen mit Zugriff",
        no_applications: "Keine Anwendung hat Zugriff auf Ihr Konto.",
        can: "Sie darf:",
        since: ("Erlaubt ", ""),
        remove: "Zugriff entziehen",
        show_all: "Alle anzeigen",
        not_all: "Es sind mehr, als hier gezeigt werden können.",
        access_removed: |seconds| {
            let wait = match wait(seconds) {
                Wait::Seconds(1) => "einer Sekunde".to_owned(),
                Wait::Seconds(seconds) => format!("{seconds} Sekunden"),
                Wait::Minutes(minutes) => format!("{minutes} Minuten"),
            };
            format!(
                "Der Zugriff ist entzogen. Was die Anwendung schon in der Hand hat, gilt in spätestens {wait} nicht mehr."
            )
        },
        session_ended: "Dieser Browser ist abgemeldet.",
        others_ended: "Alle anderen Browser sind abgemeldet.",
        ago: |ago| match ago {
            Ago::Moment => "gerade eben".to_owned(),
            Ago::Minutes(1) => "vor einer Minute".to_owned(),
            Ago::Minutes(count) => format!("vor {count} Minuten"),
            Ago::Hours(1) => "vor einer Stunde".to_owned(),
            Ago::Hours(count) => format!("vor {count} Stunden"),
            Ago::Days(1) => "vor einem Tag".to_owned(),
            Ago::Days(count) => format!("vor {count} Tagen"),
        },
    },
    errors: ErrorTexts {
        start_again: "Gehen Sie zur Anwendung zurück und beginnen Sie dort von vorn.",
        tell_developer: "Gehen Sie zur Anwendung zurück. Wenn das wieder geschieht, sagen Sie den Betreibern, was Sie hier sehen.",
        wait: "Warten Sie ein wenig und versuchen Sie es noch einmal.",
        reference: "Kennung",
        cannot_answer: "Diese Anfrage kann nicht beantwortet werden",
        went_wrong: "Etwas ist schiefgegangen",
        address_too_long: "Die Adresse ist zu lang.",
        nothing_to_go_on_with: Message {
            heading: "Hier geht es nicht weiter",
            text: "Diese Seite ist nur ein Schritt auf dem Weg von einer Anwendung.",
        },
        took_too_long: Message {
            heading: "Das hat zu lange gedauert",
            text: "Die Seite war länger als eine Stunde offen und gilt nicht mehr.",
        },
        other_browser: Message {
            heading: "Das wurde in einem anderen Browser begonnen",
            text: "Die Seite gehört zu einem anderen Browser, oder dieser hat seine Cookies verloren.",
        },
        other_browser_advice: "Öffnen Sie die Anwendung in diesem Browser noch einmal. Wenn Ihnen jemand den Link geschickt hat, schließen Sie diese Seite.",
        form_no_good: Message {
            heading: "Dieses Formular gilt nicht mehr",
            text: "Es ist veraltet oder kommt nicht von dieser Website.",
        },
        page_failed: "Die Seite konnte nicht erstellt werden.",
        too_many_attempts: Message {
            heading: "Zu viele Versuche",
            text: "Es gab zu viele Versuche.",
        },
        too_busy: Message {
            heading: "Zu viel los",
            text: "Gerade melden sich zu viele Menschen an.",
        },
        cannot_answer_now: "Der Server kann gerade nicht antworten.",
        body_too_large: "Der Inhalt der Anfrage ist zu groß.",
        body_too_slow: "Der Inhalt der Anfrage kam zu langsam an.",
        body_incomplete: "Der Inhalt der Anfrage ist unvollständig.",
        body_encoded: "Der Inhalt darf keine Content-Encoding haben.",
        no_form: "Die Parameter müssen als application/x-www-form-urlencoded kommen.",
        not_utf8: "Die Parameter sind kein UTF-8.",
        too_many_parameters: "Es sind zu viele Parameter.",
        repeated_parameter: "Ein Parameter kommt mehrmals vor.",
        bad_parameter: "Ein Parameter fehlt oder hat einen Wert, den er nicht haben kann.",
        no_client_id: "Der Parameter client_id fehlt.",
        unknown_application: "Diese Anwendung ist hier nicht bekannt.",
        no_redirect_uri: "Der Parameter redirect_uri fehlt.",
        unregistered_redirect_uri: "Die redirect_uri ist für diese Anwendung nicht eingetragen.",
        unknown_request_uri: "Die request_uri ist unbekannt, abgelaufen oder verbraucht.",
        logout_of_unknown: "Die Anwendung, die Sie abmelden möchte, ist hier nicht bekannt.",
        logout_of_whom: "Die Anwendung hat nicht richtig gesagt, wer abgemeldet werden soll.",
        logout_to_unregistered: "Die Anwendung möchte Sie zu einer Adresse schicken, die für sie nicht eingetragen ist.",
        logout_too_long: "Die Anwendung hat mehr geschickt, als ihr zurückgeschickt werden kann.",
    },
    scopes: ScopeTexts {
        openid: "Wissen, dass Sie es sind",
        profile: "Ihren Namen und Ihr Profil sehen",
        email: "Ihre E-Mail-Adresse sehen",
        phone: "Ihre Telefonnummer sehen",
        address: "Ihre Anschrift sehen",
        offline_access: "Diesen Zugriff behalten, wenn Sie abwesend oder abgemeldet sind",
    },
    one_moment: "Einen Moment",
    sent_back: "Sie werden zur Anwendung zurückgeschickt. Wenn nichts geschieht, drücken Sie auf die Schaltfläche.",
    go_on: "Weiter",
    application: "Anwendung",
    not_you: ("Nicht ", "?"),
    use_another_account: "Anderes Konto verwenden",
    your_account: "Ihr Konto",
    help: "Hilfe",
    privacy: "Datenschutz",
    terms: "Nutzungsbedingungen",
};
