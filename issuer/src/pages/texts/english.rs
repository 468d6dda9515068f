//! English.

use super::*;

pub(super) static TEXTS: Texts = Texts {
    language: Language::English,
    login: LoginTexts {
        sign_in: "Sign in",
        to_application: ("to continue to ", ""),
        to_device: "to connect a device",
        to_account: "to see your account",
        username: "Username",
        password: "Password",
        signed_in_already: (
            "You are signed in as ",
            ". Sign in again, or as somebody else.",
        ),
        wrong_password: "The username or the password is wrong.",
        throttled: |seconds| {
            let wait = match wait(seconds) {
                Wait::Seconds(1) => "a second".to_owned(),
                Wait::Seconds(seconds) => format!("{seconds} seconds"),
                Wait::Minutes(minutes) => format!("{minutes} minutes"),
            };
            format!("There were too many wrong passwords. Try again in {wait}.")
        },
        busy: "Too many people are signing in just now. Try again in a moment.",
    },
    consent: ConsentTexts {
        title: "Allow access?",
        asks: ("", " asks to use your account ", "."),
        vouched: (
            "The website ",
            " says that this is its application. Nobody here has checked it. Go on only if you trust that website, and it is you who has just started this.",
        ),
        to_this_computer: "Your answer goes to a program on this computer. It could be any program.",
        unchecked: "This application registered itself, under a name of its own choice that nobody here has checked. Go on only if it is you who has just started this.",
        will_be_able: "It will be able to:",
        returns_to: "Returns you to",
        allow: "Allow",
        deny: "Deny",
        take_back: "You can take this back at any time in your account.",
    },
    device: DeviceTexts {
        title: "Connect a device",
        type_the_code: "Type the code that your device shows.",
        code: "Code",
        question: "Connect this device?",
        warning: "Go on only if you have the device before you and it shows exactly this code. If somebody sent you the code or a link, they would get into your account.",
        will_be_able: "The device will be able to:",
        connect: "Connect",
        do_not_connect: "Do not connect",
        // With a hyphen at which no line breaks.
        no_code: "A code has eight letters, such as BCDF\u{2011}GHJK.",
        unknown_code: "There is no such code, or it has expired. Compare it with what the device shows.",
        throttled: "There were too many wrong codes. Wait a minute and try again.",
        expired: Message {
            heading: "This code is no longer good",
            text: "It has expired or was used. Let the device show a new one.",
        },
        approved: Message {
            heading: "The device is connected",
            text: "It goes on by itself within a few seconds. You can close this page.",
        },
        denied: Message {
            heading: "The device is not connected",
            text: "It has no access to your account. You can close this page.",
        },
        decided_before: Message {
            heading: "This was decided before",
            text: "What was said first holds. You can close this page.",
        },
        nothing_to_grant: Message {
            heading: "The device cannot be connected",
            text: "Your account may not do any of what it asks for. Nothing has changed.",
        },
    },
    logout: LogoutTexts {
        title: "Sign out?",
        asked_by: ("", " asks whether you want to sign out."),
        signed_in_as: ("You are signed in as ", "."),
        sign_out: "Sign out",
        stay: "Stay signed in",
        still_signed_in: Message {
            heading: "You are still signed in",
            text: "Nothing has changed.",
        },
        signed_out: Message {
            heading: "You are signed out",
            text: "You can close this window. Applications that you use may still have you signed in with them.",
        },
    },
    leave: LeaveTexts {
        refused: Message {
            heading: "This request cannot be answered",
            text: "The application asked for something that it does not get. You can close this page.",
        },
        unchecked: (
            "Go on to ",
            " only if it is you who has just started this. Nobody here has checked whose that is, nor what you find there.",
        ),
        go_on_to: ("Continue to ", ""),
    },
    account: AccountTexts {
        sessions: "Where you are signed in",
        this_browser: "This browser",
        unknown_browser: "A browser",
        browser_on: " on ",
        began: ("Signed in ", ""),
        last_used: ("Last used ", ""),
        sign_out: "Sign out",
        sign_out_others: "Sign out everywhere else",
        applications: "Applications with access",
        no_applications: "No application has access to your account.",
        can: "It can:",
        since: ("Since ", ""),
        remove: "Remove access",
        show_all: "Show all",
        not_all: "There are more than can be shown here.",
        access_removed: |seconds| {
            let wait = match wait(seconds) {
                Wait::Seconds(1) => "a second".to_owned(),
                Wait::Seconds(seconds) => format!("{seconds} seconds"),
                Wait::Minutes(minutes) => format!("{minutes} minutes"),
            };
            format!(
                "The access was removed. What the application has in hand stops working within {wait}."
            )
        },
        session_ended: "That browser is signed out.",
        others_ended: "All other browsers are signed out.",
        ago: |ago| match ago {
            Ago::Moment => "just now".to_owned(),
            Ago::Minutes(1) => "a minute ago".to_owned(),
            Ago::Minutes(count) => format!("{count} minutes ago"),
            Ago::Hours(1) => "an hour ago".to_owned(),
            Ago::Hours(count) => format!("{count} hours ago"),
            Ago::Days(1) => "a day ago".to_owned(),
            Ago::Days(count) => format!("{count} days ago"),
        },
    },
    errors: ErrorTexts {
        start_again: "Go back to the application and start again from there.",
        tell_developer: "Go back to the application. If this happens again, tell those who run it what you see here.",
        wait: "Wait a little and try again.",
        reference: "Reference",
        cannot_answer: "This request cannot be answered",
        went_wrong: "Something went wrong",
        address_too_long: "The address is too long.",
        nothing_to_go_on_with: Message {
            heading: "There is nothing to go on with",
            text: "This page is only a step on the way from an application.",
        },
        took_too_long: Message {
            heading: "This took too long",
            text: "The page was open for more than an hour and is no longer good.",
        },
        other_browser: Message {
            heading: "This was begun in another browser",
            text: "The page belongs to a browser that is not this one, or this one has lost its cookies.",
        },
        other_browser_advice: "Open the application again in this browser. If somebody sent you the link, close this page.",
        form_no_good: Message {
            heading: "This form is not good any more",
            text: "It is out of date, or it does not come from this site.",
        },
        page_failed: "The page failed.",
        too_many_attempts: Message {
            heading: "Too many attempts",
            text: "There were too many attempts.",
        },
        too_busy: Message {
            heading: "Too busy",
            text: "Too many people are signing in just now.",
        },
        cannot_answer_now: "The server cannot answer now.",
        body_too_large: "The request body is too large.",
        body_too_slow: "The request body took too long.",
        body_incomplete: "The request body is incomplete.",
        body_encoded: "Send the body without Content-Encoding.",
        no_form: "Send the parameters as application/x-www-form-urlencoded.",
        not_utf8: "The parameters are not UTF-8.",
        too_many_parameters: "There are too many parameters.",
        repeated_parameter: "A parameter is repeated.",
        bad_parameter: "A parameter is missing or has a value that it cannot have.",
        no_client_id: "The parameter client_id is missing.",
        unknown_application: "This application is not known here.",
        no_redirect_uri: "The parameter redirect_uri is missing.",
        unregistered_redirect_uri: "The redirect_uri is not registered for this application.",
        unknown_request_uri: "The request_uri is unknown, expired or used.",
        logout_of_unknown: "The application that asks you to log out is not known here.",
        logout_of_whom: "The application did not say rightly whom to log out.",
        logout_to_unregistered: "The application asks to send you to an address that is not registered for it.",
        logout_too_long: "The application sent more than can be sent back to it.",
    },
    scopes: ScopeTexts {
        openid: "Know that it is you",
        profile: "See your name and profile",
        email: "See your email address",
        phone: "See your phone number",
        address: "See your postal address",
        offline_access: "Keep this access when you are away or signed out",
    },
    one_moment: "One moment",
    sent_back: "You are being sent back to the application. If nothing happens, press the button.",
    go_on: "Continue",
    application: "Application",
    not_you: ("Not ", "?"),
    use_another_account: "Use another account",
    your_account: "Your account",
    help: "Help",
    privacy: "Privacy",
    terms: "Terms",
};
