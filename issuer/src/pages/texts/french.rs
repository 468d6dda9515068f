//! French. Before `?`, `:` and the like there is a space at which no line breaks.

use super::*;

pub(super) static TEXTS: Texts = Texts {
    language: Language::French,
    login: LoginTexts {
        sign_in: "Se connecter",
        to_application: ("pour continuer vers ", ""),
        to_device: "pour connecter un appareil",
        to_account: "pour voir votre compte",
        username: "Nom d’utilisateur",
        password: "Mot de passe",
        signed_in_already: (
            "Vous êtes connecté en tant que ",
            ". Connectez-vous à nouveau, ou avec un autre compte.",
        ),
        wrong_password: "Le nom d’utilisateur ou le mot de passe est incorrect.",
        throttled: |seconds| {
            let wait = match wait(seconds) {
                Wait::Seconds(1) => "une seconde".to_owned(),
                Wait::Seconds(seconds) => format!("{seconds} secondes"),
                Wait::Minutes(minutes) => format!("{minutes} minutes"),
            };
            format!("Trop de mots de passe incorrects ont été saisis. Réessayez dans {wait}.")
        },
        busy: "Trop de personnes se connectent en ce moment. Réessayez dans un instant.",
    },
    consent: ConsentTexts {
        title: "Autoriser l’accès\u{a0}?",
        asks: ("", " demande à utiliser votre compte ", "."),
        vouched: (
            "Le site ",
            " dit que cette application est la sienne. Personne ici ne l’a vérifié. Ne continuez que si vous faites confiance à ce site et que c’est vous qui venez de commencer.",
        ),
        to_this_computer: "Votre réponse va à un programme de cet ordinateur. Ce pourrait être n’importe lequel.",
        unchecked: "Cette application s’est inscrite elle-même, sous un nom de son choix que personne ici n’a vérifié. Ne continuez que si c’est vous qui venez de commencer.",
        will_be_able: "L’application pourra\u{a0}:",
        returns_to: "Vous renvoie vers",
        allow: "Autoriser",
        deny: "Refuser",
        take_back: "Vous pouvez revenir sur cette décision à tout moment dans votre compte.",
    },
    device: DeviceTexts {
        title: "Connecter un appareil",
        type_the_code: "Saisissez le code affiché par votre appareil.",
        code: "Code",
        question: "Connecter cet appareil\u{a0}?",
        warning: "Ne continuez que si l’appareil est devant vous et affiche exactement ce code. Si quelqu’un vous a envoyé le code ou un lien, cette personne aurait accès à votre compte.",
        will_be_able: "L’appareil pourra\u{a0}:",
        connect: "Connecter",
        do_not_connect: "Ne pas connecter",
        no_code: "Un code se compose de huit lettres, par exemple BCDF\u{2011}GHJK.",
        unknown_code: "Ce code n’existe pas ou a expiré. Comparez-le avec celui qu’affiche l’appareil.",
        throttled: "Trop de codes incorrects ont été saisis. Attendez une minute et réessayez.",
        expired: Message {
            heading: "Ce code n’est plus valable",
            text: "Il a expiré ou a déjà servi. Demandez à l’appareil d’en afficher un nouveau.",
        },
        approved: Message {
            heading: "L’appareil est connecté",
            text: "Il continue de lui-même dans quelques secondes. Vous pouvez fermer cette page.",
        },
        denied: Message {
            heading: "L’appareil n’est pas connecté",
            text: "Il n’a pas accès à votre compte. Vous pouvez fermer cette page.",
        },
        decided_before: Message {
            heading: "Cela a déjà été décidé",
            text: "La première réponse est retenue. Vous pouvez fermer cette page.",
        },
        nothing_to_grant: Message {
            heading: "L’appareil ne peut pas être connecté",
            text: "Votre compte ne permet rien de ce qu’il demande. Rien n’a changé.",
        },
    },
    logout: LogoutTexts {
        title: "Se déconnecter\u{a0}?",
        asked_by: ("", " demande si vous voulez vous déconnecter."),
        signed_in_as: ("Vous êtes connecté en tant que ", "."),
        sign_out: "Se déconnecter",
        stay: "Rester connecté",
        still_signed_in: Message {
            heading: "Vous êtes toujours connecté",
            text: "Rien n’a changé.",
        },
        signed_out: Message {
            heading: "Vous êtes déconnecté",
            text: "Vous pouvez fermer cette fenêtre. Les applications que vous utilisez vous considèrent peut-être encore comme connecté.",
        },
    },
    leave: LeaveTexts {
        refused: Message {
            heading: "Cette demande ne peut pas recevoir de réponse",
            text: "L’application a demandé quelque chose qu’elle n’obtient pas. Vous pouvez fermer cette page.",
        },
        unchecked: (
            "Ne continuez vers ",
            " que si c’est vous qui venez de commencer. Personne ici n’a vérifié à qui cela appartient ni ce que vous y trouverez.",
        ),
        go_on_to: ("Continuer vers ", ""),
    },
    account: AccountTexts {
        sessions: "Où vous êtes connecté",
        this_browser: "Ce navigateur",
        unknown_browser: "Un navigateur",
        browser_on: " sur ",
        began: ("Connexion ", ""),
        last_used: ("Dernière utilisation ", ""),
        sign_out: "Déconnecter",
        sign_out_others: "Déconnecter partout ailleurs",
        applications: "Applications ayant accès",
        no_applications: "Aucune application n’a accès à votre compte.",
        can: "Elle peut\u{a0}:",
        since: ("Autorisée ", ""),
        remove: "Retirer l’accès",
        show_all: "Tout afficher",
        not_all: "Il y en a plus que cette page ne peut en afficher.",
        access_removed: |seconds| {
            let wait = match wait(seconds) {
                Wait::Seconds(1) => "une seconde".to_owned(),
                Wait::Seconds(seconds) => format!("{seconds} secondes"),
                Wait::Minutes(minutes) => format!("{minutes} minutes"),
            };
            format!(
                "L’accès est retiré. Ce que l’application a déjà en main cesse de fonctionner en {wait} au plus."
            )
        },
        session_ended: "Ce navigateur est déconnecté.",
        others_ended: "Tous les autres navigateurs sont déconnectés.",
        ago: |ago| match ago {
            Ago::Moment => "à l’instant".to_owned(),
            Ago::Minutes(1) => "il y a une minute".to_owned(),
            Ago::Minutes(count) => format!("il y a {count} minutes"),
            Ago::Hours(1) => "il y a une heure".to_owned(),
            Ago::Hours(count) => format!("il y a {count} heures"),
            Ago::Days(1) => "il y a un jour".to_owned(),
            Ago::Days(count) => format!("il y a {count} jours"),
        },
    },
    errors: ErrorTexts {
        start_again: "Retournez à l’application et recommencez depuis le début.",
        tell_developer: "Retournez à l’application. Si cela se reproduit, dites à ses responsables ce que vous voyez ici.",
        wait: "Attendez un peu et réessayez.",
        reference: "Référence",
        cannot_answer: "Cette demande ne peut pas recevoir de réponse",
        went_wrong: "Une erreur s’est produite",
        address_too_long: "L’adresse est trop longue.",
        nothing_to_go_on_with: Message {
            heading: "Il n’y a rien à poursuivre ici",
            text: "Cette page n’est qu’une étape sur le chemin depuis une application.",
        },
        took_too_long: Message {
            heading: "Cela a pris trop de temps",
            text: "La page est restée ouverte plus d’une heure et n’est plus valable.",
        },
        other_browser: Message {
            heading: "Cela a été commencé dans un autre navigateur",
            text: "La page appartient à un autre navigateur, ou celui-ci a perdu ses cookies.",
        },
        other_browser_advice: "Ouvrez de nouveau l’application dans ce navigateur. Si quelqu’un vous a envoyé le lien, fermez cette page.",
        form_no_good: Message {
            heading: "Ce formulaire n’est plus valable",
            text: "Il est périmé ou ne vient pas de ce site.",
        },
        page_failed: "La page n’a pas pu être créée.",
        too_many_attempts: Message {
            heading: "Trop de tentatives",
            text: "Il y a eu trop de tentatives.",
        },
        too_busy: Message {
            heading: "Trop d’affluence",
            text: "Trop de personnes se connectent en ce moment.",
        },
        cannot_answer_now: "Le serveur ne peut pas répondre maintenant.",
        body_too_large: "Le contenu de la demande est trop volumineux.",
        body_too_slow: "Le contenu de la demande est arrivé trop lentement.",
        body_incomplete: "Le contenu de la demande est incomplet.",
        body_encoded: "Le contenu doit être envoyé sans Content-Encoding.",
        no_form: "Les paramètres doivent être envoyés en application/x-www-form-urlencoded.",
        not_utf8: "Les paramètres ne sont pas en UTF-8.",
        too_many_parameters: "Il y a trop de paramètres.",
        repeated_parameter: "Un paramètre est répété.",
        bad_parameter: "Un paramètre manque ou a une valeur impossible.",
        no_client_id: "Le paramètre client_id manque.",
        unknown_application: "Cette application n’est pas connue ici.",
        no_redirect_uri: "Le paramètre redirect_uri manque.",
        unregistered_redirect_uri: "La redirect_uri n’est pas enregistrée pour cette application.",
        unknown_request_uri: "La request_uri est inconnue, expirée ou déjà utilisée.",
        logout_of_unknown: "L’application qui demande votre déconnexion n’est pas connue ici.",
        logout_of_whom: "L’application n’a pas dit correctement qui déconnecter.",
        logout_to_unregistered: "L’application demande à vous envoyer vers une adresse qui n’est pas enregistrée pour elle.",
        logout_too_long: "L’application a envoyé plus que ce qui peut lui être renvoyé.",
    },
    scopes: ScopeTexts {
        openid: "Savoir que c’est vous",
        profile: "Voir votre nom et votre profil",
        email: "Voir votre adresse e-mail",
        phone: "Voir votre numéro de téléphone",
        address: "Voir votre adresse postale",
        offline_access: "Garder cet accès lorsque vous êtes absent ou déconnecté",
    },
    one_moment: "Un instant",
    sent_back: "Vous êtes renvoyé vers l’application. Si rien ne se passe, appuyez sur le bouton.",
    go_on: "Continuer",
    application: "Application",
    not_you: ("Vous n’êtes pas ", "\u{a0}?"),
    use_another_account: "Utiliser un autre compte",
    your_account: "Votre compte",
    help: "Aide",
    privacy: "Confidentialité",
    terms: "Conditions d’utilisation",
};
