//! Spanish.

use super::*;

pub(super) static TEXTS: Texts = Texts {
    language: Language::Spanish,
    login: LoginTexts {
        sign_in: "Iniciar sesión",
        to_application: ("para continuar a ", ""),
        to_device: "para conectar un dispositivo",
        to_account: "para ver tu cuenta",
        username: "Nombre de usuario",
        password: "Contraseña",
        signed_in_already: (
            "Has iniciado sesión como ",
            ". Vuelve a iniciar sesión, o hazlo con otra cuenta.",
        ),
        wrong_password: "El nombre de usuario o la contraseña no son correctos.",
        throttled: |seconds| {
            let wait = match wait(seconds) {
                Wait::Seconds(1) => "un segundo".to_owned(),
                Wait::Seconds(seconds) => format!("{seconds} segundos"),
                Wait::Minutes(minutes) => format!("{minutes} minutos"),
            };
            format!(
                "Se han introducido demasiadas contraseñas incorrectas. Inténtalo de nuevo en {wait}."
            )
        },
        busy: "Hay demasiadas personas iniciando sesión ahora. Inténtalo de nuevo en un momento.",
    },
    consent: ConsentTexts {
        title: "¿Permitir el acceso?",
        asks: ("", " pide usar tu cuenta ", "."),
        vouched: (
            "El sitio web ",
            " dice que esta aplicación es suya. Aquí nadie lo ha comprobado. Continúa solo si confías en ese sitio y acabas de iniciar esto tú.",
        ),
        to_this_computer: "Tu respuesta va a un programa de este ordenador. Podría ser cualquiera.",
        unchecked: "Esta aplicación se registró por su cuenta, con un nombre que eligió ella misma y que aquí nadie ha comprobado. Continúa solo si acabas de iniciar esto tú.",
        will_be_able: "La aplicación podrá:",
        returns_to: "Te devuelve a",
        allow: "Permitir",
        deny: "Rechazar",
        take_back: "Puedes retirar este permiso en tu cuenta cuando quieras.",
    },
    device: DeviceTexts {
        title: "Conectar un dispositivo",
        type_the_code: "Escribe el código que muestra tu dispositivo.",
        code: "Código",
        question: "¿Conectar este dispositivo?",
        warning: "Continúa solo si tienes el dispositivo delante y muestra exactamente este código. Si alguien te ha enviado el código o un enlace, entraría en tu cuenta.",
        will_be_able: "El dispositivo podrá:",
        connect: "Conectar",
        do_not_connect: "No conectar",
        no_code: "Un código tiene ocho letras, por ejemplo BCDF\u{2011}GHJK.",
        unknown_code: "Ese código no existe o ha caducado. Compáralo con el que muestra el dispositivo.",
        throttled: "Se han introducido demasiados códigos incorrectos. Espera un minuto e inténtalo de nuevo.",
        expired: Message {
            heading: "Este código ya no es válido",
            text: "Ha caducado o ya se ha usado. Haz que el dispositivo muestre uno nuevo.",
        },
        approved: Message {
            heading: "El dispositivo está conectado",
            text: "Continuará por sí solo en unos segundos. Puedes cerrar esta página.",
        },
        denied: Message {
            heading: "El dispositivo no está conectado",
            text: "No tiene acceso a tu cuenta. Puedes cerrar esta página.",
        },
        decided_before: Message {
            heading: "Esto ya se había decidido",
            text: "Vale lo que se dijo primero. Puedes cerrar esta página.",
        },
        nothing_to_grant: Message {
            heading: "No se puede conectar el dispositivo",
            text: "Tu cuenta no permite nada de lo que pide. No ha cambiado nada.",
        },
    },
    logout: LogoutTexts {
        title: "¿Cerrar la sesión?",
        asked_by: ("", " pregunta si quieres cerrar la sesión."),
        signed_in_as: ("Has iniciado sesión como ", "."),
        sign_out: "Cerrar la sesión",
        stay: "Mantener la sesión",
        still_signed_in: Message {
            heading: "Tu sesión sigue abierta",
            text: "No ha cambiado nada.",
        },
        signed_out: Message {
            heading: "Has cerrado la sesión",
            text: "Puedes cerrar esta ventana. Es posible que sigas con la sesión iniciada en las aplicaciones que usas.",
        },
    },
    leave: LeaveTexts {
        refused: Message {
            heading: "No se puede responder a esta solicitud",
            text: "La aplicación pidió algo que no se le da. Puedes cerrar esta página.",
        },
        unchecked: (
            "Continúa a ",
            " solo si acabas de iniciar esto tú. Aquí nadie ha comprobado de quién es ni qué encontrarás allí.",
        ),
        go_on_to: ("Continuar a ", ""),
    },
    account: AccountTexts {
        sessions: "Dónde has iniciado sesión",
        this_browser: "Este navegador",
        unknown_browser: "Un navegador",
        browser_on: " en ",
        began: ("Inicio de sesión ", ""),
        last_used: ("Último uso ", ""),
        sign_out: "Cerrar la sesión",
        sign_out_others: "Cerrar la sesión en los demás sitios",
        applications: "Aplicaciones con acceso",
        no_applications: "Ninguna aplicación tiene acceso a tu cuenta.",
        can: "Puede:",
        since: ("Permitida ", ""),
        remove: "Retirar el acceso",
        show_all: "Mostrar todo",
        not_all: "Hay más de lo que se puede mostrar aquí.",
        access_removed: |seconds| {
            let wait = match wait(seconds) {
                Wait::Seconds(1) => "un segundo".to_owned(),
                Wait::Seconds(seconds) => format!("{seconds} segundos"),
                Wait::Minutes(minutes) => format!("{minutes} minutos"),
            };
            format!(
                "Se ha retirado el acceso. Lo que la aplicación ya tiene deja de valer en {wait} como máximo."
            )
        },
        session_ended: "Se ha cerrado la sesión en ese navegador.",
        others_ended: "Se ha cerrado la sesión en todos los demás navegadores.",
        ago: |ago| match ago {
            Ago::Moment => "ahora mismo".to_owned(),
            Ago::Minutes(1) => "hace un minuto".to_owned(),
            Ago::Minutes(count) => format!("hace {count} minutos"),
            Ago::Hours(1) => "hace una hora".to_owned(),
            Ago::Hours(count) => format!("hace {count} horas"),
            Ago::Days(1) => "hace un día".to_owned(),
            Ago::Days(count) => format!("hace {count} días"),
        },
    },
    errors: ErrorTexts {
        start_again: "Vuelve a la aplicación y empieza de nuevo desde allí.",
        tell_developer: "Vuelve a la aplicación. Si ocurre otra vez, di a sus responsables lo que ves aquí.",
        wait: "Espera un poco e inténtalo de nuevo.",
        reference: "Referencia",
        cannot_answer: "No se puede responder a esta solicitud",
        went_wrong: "Algo ha fallado",
        address_too_long: "La dirección es demasiado larga.",
        nothing_to_go_on_with: Message {
            heading: "No hay nada con lo que continuar",
            text: "Esta página es solo un paso en el camino desde una aplicación.",
        },
        took_too_long: Message {
            heading: "Ha pasado demasiado tiempo",
            text: "La página llevaba más de una hora abierta y ya no es válida.",
        },
        other_browser: Message {
            heading: "Esto se empezó en otro navegador",
            text: "La página pertenece a otro navegador, o este ha perdido sus cookies.",
        },
        other_browser_advice: "Abre de nuevo la aplicación en este navegador. Si alguien te ha enviado el enlace, cierra esta página.",
        form_no_good: Message {
            heading: "Este formulario ya no es válido",
            text: "Está anticuado o no viene de este sitio.",
        },
        page_failed: "No se ha podido crear la página.",
        too_many_attempts: Message {
            heading: "Demasiados intentos",
            text: "Ha habido demasiados intentos.",
        },
        too_busy: Message {
            heading: "Demasiada actividad",
            text: "Hay demasiadas personas iniciando sesión ahora.",
        },
        cannot_answer_now: "El servidor no puede responder ahora.",
        body_too_large: "El contenido de la solicitud es demasiado grande.",
        body_too_slow: "El contenido de la solicitud ha llegado demasiado despacio.",
        body_incomplete: "El contenido de la solicitud está incompleto.",
        body_encoded: "El contenido debe enviarse sin Content-Encoding.",
        no_form: "Los parámetros deben enviarse como application/x-www-form-urlencoded.",
        not_utf8: "Los parámetros no están en UTF-8.",
        too_many_parameters: "Hay demasiados parámetros.",
        repeated_parameter: "Un parámetro está repetido.",
        bad_parameter: "Falta un parámetro o tiene un valor que no puede tener.",
        no_client_id: "Falta el parámetro client_id.",
        unknown_application: "Esta aplicación no se conoce aquí.",
        no_redirect_uri: "Falta el parámetro redirect_uri.",
        unregistered_redirect_uri: "La redirect_uri no está registrada para esta aplicación.",
        unknown_request_uri: "La request_uri es desconocida, ha caducado o ya se ha usado.",
        logout_of_unknown: "La aplicación que pide cerrar tu sesión no se conoce aquí.",
        logout_of_whom: "La aplicación no ha dicho correctamente qué sesión cerrar.",
        logout_to_unregistered: "La aplicación pide enviarte a una dirección que no está registrada para ella.",
        logout_too_long: "La aplicación ha enviado más de lo que se le puede devolver.",
    },
    scopes: ScopeTexts {
        openid: "Saber que eres tú",
        profile: "Ver tu nombre y tu perfil",
        email: "Ver tu dirección de correo electrónico",
        phone: "Ver tu número de teléfono",
        address: "Ver tu dirección postal",
        offline_access: "Mantener este acceso cuando no estés o hayas cerrado la sesión",
    },
    one_moment: "Un momento",
    sent_back: "Estás volviendo a la aplicación. Si no ocurre nada, pulsa el botón.",
    go_on: "Continuar",
    application: "Aplicación",
    not_you: ("¿No eres ", "?"),
    use_another_account: "Usar otra cuenta",
    your_account: "Tu cuenta",
    help: "Ayuda",
    privacy: "Privacidad",
    terms: "Condiciones",
};
