// Made by `npm run types` from openapi.json; never edited.

export interface paths {
    "/api/v1/apps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * App List
         * @description The applications with the versions that they have now.
         */
        get: operations["app_list"];
        put?: never;
        /**
         * App Add
         * @description Recognise an installation, add it and link the models into it.
         *
         *     `version` counts where the installation states none. Without `sync` nothing is linked into it, also not
         *     after imports, until `link_sync` is asked for. `dry_run` changes nothing and shows what
         *     would be linked. Raises ProfileError, InvalidValueError, NotAnInstallationError, AppConflictError,
         *     SourceUnreadableError, TargetReadOnlyError, LibraryBusyError, and the error of the first link when
         *     not a single one can be made; the application is then as it was and not added.
         */
        post: operations["app_add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/install": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * App Install
         * @description Clone the tag of a version from a git URL or path into the library, and add it.
         *
         *     Raises InstallError and SourceNotFoundError besides what `app_add` raises. An address with a password
         *     is used and nowhere kept: such an installation is no job.
         */
        post: operations["app_install"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * App Remove
         * @description Take our links out of an application and forget it; `trash` moves one that was installed by
         *     `app_install` into the trash of the library's apps.
         *
         *     Raises AppNotFoundError, InvalidValueError, LinkError, LibraryBusyError.
         */
        delete: operations["app_remove"];
        options?: never;
        head?: never;
        /**
         * App Edit
         * @description Say which variant of its profile an application gets, "" for the usual one. Its links stay as they
         *     are until its next sync. Raises AppNotFoundError, ProfileError.
         */
        patch: operations["app_edit"];
        trace?: never;
    };
    "/api/v1/apps/{app}/clean": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Link Clean
         * @description Take all our links out of an application; nothing else in it is touched.
         *
         *     Raises AppNotFoundError, AppOfflineError, LibraryBusyError.
         */
        post: operations["link_clean"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Link Preview
         * @description What `link_sync` would do now; nothing is written.
         *
         *     Raises AppNotFoundError, AppOfflineError, ProfileError, ModelNotFoundError, AmbiguousModelIdError.
         */
        get: operations["link_preview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/replaced": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Link Replaced
         * @description The files that gave way to links of an application, and where they are kept.
         */
        get: operations["link_replaced"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/replaced/purge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Link Purge
         * @description Free the space of files that gave way to links: there is no way back. No target means all that
         *     were overwritten or adopted; one that was only renamed is the user's to delete. `targets` as in `link_put_back`.
         *
         *     Raises AppNotFoundError, AppOfflineError, InvalidValueError, LibraryBusyError.
         */
        post: operations["link_purge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/replaced/put-back": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Link Put Back
         * @description Return files that gave way to links to their names; no target means all of them. A target is the name
         *     (then the last file that gave way there) or the path where the very file is kept.
         *
         *     Raises AppNotFoundError, AppOfflineError, InvalidValueError, LibraryBusyError.
         */
        post: operations["link_put_back"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Link Sync
         * @description Make the links of an application what its profile wants; see `Mapper.sync`.
         *
         *     `only`: for these models; `choices`: what to do about single targets; `accept`: directories that
         *     the preview offered. Raises what `link_preview` raises, InvalidValueError, LibraryBusyError.
         */
        post: operations["link_sync"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/doctor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Doctor
         * @description Check the system, the library and its roots for what could hurt later.
         */
        get: operations["doctor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/downloads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Download
         * @description Fetch files of a repository and take them in; see Downloader for what it promises.
         */
        post: operations["download"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/downloads/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Plan Download
         * @description What `download` with the same arguments would fetch. Changes nothing.
         */
        post: operations["plan_download"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drives": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Drives
         * @description The drives beneath the roots that are online, and how many files each works on at once.
         */
        get: operations["drives"];
        /**
         * Set Drive Limit
         * @description Say how many files are read or written on a drive at once; kept with the library.
         *
         *     Raises InvalidValueError for a drive beneath no root and a number below 1.
         */
        put: operations["set_drive_limit"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events
         * @description What happens, as server-sent events that go on after `Last-Event-ID`; see `http/events.py`.
         */
        get: operations["events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Files
         * @description What is in a folder of the machine that the server runs on; without a path in the home directory.
         */
        get: operations["files"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/first-run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * First Run
         * @description Whether there is a library, and where one would be begun.
         */
        get: operations["first_run"];
        put?: never;
        /**
         * Begin
         * @description Begin the library in a directory, or take the one that is there; later starts find it by themselves.
         */
        post: operations["begin_library"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/first-run/folders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Folders Found
         * @description The folders of other programs that hold models; links to those of the library do not count.
         */
        get: operations["found_folders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/first-run/place": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Library Place
         * @description What a directory would be as the place of the library.
         */
        get: operations["library_place"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Health
         * @description What is broken, missing, away, not ours or not linked yet; with `fix` after what can be healed
         *     was healed and what could be linked was linked.
         *
         *     `findings`: fix only those with these ids, or all with these codes. Raises LibraryBusyError,
         *     LibraryReadOnlyError (to fix), InvalidValueError (no such finding, or none that can be fixed).
         */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/health/fix": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Fix Health
         * @description What is broken, missing, away, not ours or not linked yet; with `fix` after what can be healed
         *     was healed and what could be linked was linked.
         *
         *     `findings`: fix only those with these ids, or all with these codes. Raises LibraryBusyError,
         *     LibraryReadOnlyError (to fix), InvalidValueError (no such finding, or none that can be fixed).
         */
        post: operations["fix_health"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hub/matches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Match Files
         * @description Which published model these files are, before they are imported: what a dry run of an import says
         *     of them is enough, and nothing is read or written here. While the network is switched off only what is
         *     remembered of the provider can be found; that nothing is there says nothing.
         *
         *     Raises NetworkError, ProviderError, InvalidValueError.
         */
        post: operations["match_files"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hub/repository": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Repository
         * @description One published model with everything that can be downloaded of it.
         */
        get: operations["repository"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hub/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find
         * @description Search the provider. Raises NetworkError, ProviderError, InvalidValueError.
         */
        get: operations["find"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import Models
         * @description Bring files and folders in; see ImportRequest and Importer for what it promises.
         *
         *     `edits`: what a person says about single models, as `field=value` by the path of one of their files;
         *     it counts as set by hand. What came in is looked up afterwards unless `offline`.
         */
        post: operations["import_models"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Preview Import
         * @description Bring files and folders in; see ImportRequest and Importer for what it promises.
         *
         *     `edits`: what a person says about single models, as `field=value` by the path of one of their files;
         *     it counts as set by hand. What came in is looked up afterwards unless `offline`.
         */
        post: operations["preview_import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Inspect
         * @description Identify files and folders where they are; no library is needed and nothing is written.
         */
        post: operations["inspect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/installations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * App Find
         * @description The installations that lie in the usual places of the home directory and beside the applications
         *     and roots that are known; with a path those that are it or lie directly in it.
         *
         *     Raises NotAnInstallationError for a path that is no directory, SourceUnreadableError.
         */
        get: operations["app_find"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Jobs
         * @description What runs, what waits, and with `everything` also what is over, newest first.
         */
        get: operations["jobs"];
        put?: never;
        post?: never;
        /**
         * Forget Jobs
         * @description Forget the jobs that are over; returns how many. A failed download of which something is on the disk
         *     stays, and a Notice says so: it can go on, or be cancelled.
         */
        delete: operations["forget_jobs"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Job
         * @description One job by its id or an unambiguous beginning. Raises JobNotFoundError.
         */
        get: operations["job"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel Job
         * @description End a job for good; what a download had fetched goes with it.
         */
        post: operations["cancel_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause Job
         * @description Let a job stand still; a running one does so within a second or so, where it can.
         *
         *     Raises JobNotFoundError, JobStateError, LibraryReadOnlyError; so do the next three.
         */
        post: operations["pause_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/priority": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Prioritize Job
         * @description Jobs with a higher priority are started first.
         */
        put: operations["prioritize_job"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Job Result
         * @description The whole answer of a job that ended here a moment ago. The job itself keeps counts.
         */
        get: operations["job_result"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume Job
         * @description Let a paused job go on, in its process or in the queue; do an interrupted or failed one here and
         *     now. Raises also what its work raises.
         */
        post: operations["resume_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Link List
         * @description The links that we made: all, those of an application, of a model, or of both.
         *
         *     Raises AppNotFoundError, ModelNotFoundError, AmbiguousModelIdError.
         */
        get: operations["link_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/links/repair": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Link Repair
         * @description Make links lead to their bytes again: by the root's id, then by content anywhere in the library.
         *     An application that was moved is noted where it is. Other than `health --fix` this also takes over
         *     working links that lead into another copy of this library.
         *
         *     Raises LibraryBusyError, LibraryReadOnlyError (unless dry).
         */
        post: operations["link_repair"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/lookups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look Up
         * @description Ask the provider what models are; without ids those that wait for it.
         *
         *     `repo` is a person's word for where one model is from. Raises ModelNotFoundError, InvalidValueError,
         *     LibraryReadOnlyError; what the network does to one model is in its entry.
         */
        post: operations["look_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List
         * @description All models, or those that the filters name.
         */
        get: operations["list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Edit Models
         * @description The same words for many models. One that fails stops no other; fields in `unset` that were not set by
         *     hand are left alone, and so are tags that are there, or not there, already. `as_left`: `field=value`; a model
         *     of which that is not, or no longer, so is left alone and counts as failed.
         *
         *     Raises InvalidValueError; then nothing was changed.
         */
        patch: operations["edit_models"];
        trace?: never;
    };
    "/api/v1/models/{model_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show
         * @description One model by its id or an unambiguous beginning, with its last verification.
         *
         *     Raises ModelNotFoundError, AmbiguousModelIdError, MetadataError.
         */
        get: operations["show"];
        put?: never;
        post?: never;
        /**
         * Delete
         * @description Move a model to the trash, free its space with `purge`, or the space of the copy in the trash
         *     with `from_trash`, which never touches the library's own.
         */
        delete: operations["delete"];
        options?: never;
        head?: never;
        /**
         * Edit
         * @description Set fields by `field=value`; of the fields in `unset` what was found automatically counts again.
         *     `add_tags` and `remove_tags` leave the other tags as they are.
         *
         *     Raises InvalidValueError, ModelNotFoundError, RootOfflineError, ModelTwiceError.
         */
        patch: operations["edit"];
        trace?: never;
    };
    "/api/v1/models/{model_id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Preview
         * @description The picture of a model.
         */
        get: operations["preview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{model_id}/related": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Related Files
         * @description What the repository of a model has besides what is held: configuration, tokenizer, companions, and
         *     the shards that it lacks.
         *
         *     Raises ModelNotFoundError, NetworkError, ProviderError.
         */
        get: operations["related_files"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{model_id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Version Ranges
         * @description Which versions of applications a model may be linked into.
         *
         *     Raises ModelNotFoundError, AmbiguousModelIdError, MetadataError.
         */
        get: operations["version_ranges"];
        /**
         * Set Version Ranges
         * @description Say which versions of kinds of applications a model may be linked into, as PEP 440 specifiers; ""
         *     means any. Kinds that are not named stay as they are. Links that are not allowed any more go.
         *
         *     Raises InvalidValueError, MetadataError for a file that has to be corrected by hand, RootOfflineError,
         *     ModelNotFoundError, AmbiguousModelIdError, FileError, LibraryBusyError.
         */
        put: operations["set_version_ranges"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Network Status
         * @description How the hosts answered last, from what was noted; asks nobody.
         */
        get: operations["network_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/ask-again": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask Again
         * @description Let hosts that are left in peace, because they did not answer, be tried by whatever asks them next,
         *     one request each. Asks nobody, and changes nothing where the network is switched off. For a person who
         *     will not wait; what repeats by itself leaves them in peace.
         */
        post: operations["ask_again"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profiles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Profiles
         * @description All app profiles, the built-in ones and the user's, with what is wrong with them.
         */
        get: operations["profiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profiles/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Profile Show
         * @description A profile with its rules, and the text of the user's own file of that name.
         *
         *     Raises ProfileError where there is no such profile, FileError.
         */
        get: operations["profile_show"];
        put?: never;
        post?: never;
        /**
         * Profile Remove
         * @description Take the user's profile of a name away, so that the built-in one counts again. Its text is kept in
         *     `profiles/.history`. Gives the profile that has the name then, None where there is none.
         *
         *     Raises ProfileError where the user has none of that name, FileError, LibraryBusyError.
         */
        delete: operations["profile_remove"];
        options?: never;
        head?: never;
        /**
         * Profile Edit
         * @description Change the user's profile of a name, which is made when there is none and then adds to the built-in
         *     one, or for a new variant to the usual one of the application.
         *
         *     `text` is the whole file; the others change it and leave the rest of it as it is: `off` and `on` are
         *     directories whose rules are switched, `conditions` keys of `[filter]` ("" takes one away), `rules`
         *     new ones as DIRECTORY=KIND[,KIND...], `drop` directories whose own rules go. `revision`: what
         *     `profile_show` said; when the file is another one now nothing is written. `app`: the preview is of
         *     it. With `dry_run` nothing is written. What the file said before is kept in `profiles/.history`.
         *
         *     Raises InvalidValueError, ProfileError for what would be no valid profile, ProfileChangedError,
         *     AppNotFoundError, AppOfflineError, FileError, LibraryBusyError.
         */
        patch: operations["profile_edit"];
        trace?: never;
    };
    "/api/v1/profiles/{name}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Profile Preview
         * @description Change the user's profile of a name, which is made when there is none and then adds to the built-in
         *     one, or for a new variant to the usual one of the application.
         *
         *     `text` is the whole file; the others change it and leave the rest of it as it is: `off` and `on` are
         *     directories whose rules are switched, `conditions` keys of `[filter]` ("" takes one away), `rules`
         *     new ones as DIRECTORY=KIND[,KIND...], `drop` directories whose own rules go. `revision`: what
         *     `profile_show` said; when the file is another one now nothing is written. `app`: the preview is of
         *     it. With `dry_run` nothing is written. What the file said before is kept in `profiles/.history`.
         *
         *     Raises InvalidValueError, ProfileError for what would be no valid profile, ProfileChangedError,
         *     AppNotFoundError, AppOfflineError, FileError, LibraryBusyError.
         */
        post: operations["profile_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Job Limits
         * @description What downloads may take.
         */
        get: operations["job_limits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Set Job Limits
         * @description Change limits; None leaves one as it is, and a bandwidth of 0 takes the limit away.
         *
         *     Raises InvalidValueError.
         */
        patch: operations["set_job_limits"];
        trace?: never;
    };
    "/api/v1/queue/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run Jobs
         * @description Do all that is queued, as much at once as downloads may; returns what was done.
         *
         *     What fails is in its job, and the others go on. Raises CancelledError when it was stopped.
         */
        post: operations["run_jobs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Roots */
        get: operations["roots"];
        put?: never;
        /**
         * Add Root
         * @description Add a directory as a root. `marker` writes `.root.json` into it, by which it is known again.
         *
         *     What it holds is scanned before this returns. Raises RootConflictError, RootError, TargetReadOnlyError.
         */
        post: operations["add_root"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roots/relocate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Relocate Root
         * @description Say where a root is now; the links into it follow.
         *
         *     `old`: its id, a beginning of it, or the path where it was. `dry_run` only says what would be
         *     done. Raises RootNotFoundError, RootConflictError, RootError, LibraryBusyError.
         */
        post: operations["relocate_root"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roots/{root_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove Root
         * @description Forget a root and its models; its files stay. Raises RootNotFoundError, RootConflictError.
         */
        delete: operations["remove_root"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/samples": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add Samples
         * @description Make small sample models and bring them in, tagged `sample`. Raises FileError, LibraryReadOnlyError.
         */
        post: operations["add_samples"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/scans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Scan
         * @description Bring the index up to date with the files, or build it anew from nothing.
         */
        post: operations["scan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Search
         * @description Find models by the query language of `search.query`; an empty query lists them.
         *
         *     `filters` are pairs such as kind=adapter, added to those in the query. Raises InvalidValueError.
         */
        get: operations["search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Settings
         * @description What is set. Asks nobody, and shows no token.
         */
        get: operations["settings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Set Settings
         * @description Change what is given. Raises InvalidValueError, LibraryReadOnlyError.
         */
        patch: operations["set_settings"];
        trace?: never;
    };
    "/api/v1/settings/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set Token
         * @description Keep a token for the Hub in the keyring of the system. Raises InvalidValueError, KeyringError,
         *     LibraryReadOnlyError.
         */
        put: operations["set_token"];
        post?: never;
        /**
         * Forget Token
         * @description Remove our token from the keyring; one of the environment or of a file stays. Raises KeyringError,
         *     LibraryReadOnlyError.
         */
        delete: operations["forget_token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Status
         * @description How much there is, where, and whether anything needs attention.
         */
        get: operations["status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/storage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Storage
         * @description What takes the space, by kind, family and root, and the drives with what is free.
         */
        get: operations["storage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/storage/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Compare Copy
         * @description Whether the library holds exactly this file, by reading all of it. Raises InvalidValueError,
         *     SourceNotFoundError, SourceUnreadableError, CancelledError.
         */
        post: operations["compare_copy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/storage/copies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Outside Copies
         * @description Files outside the library that it holds too: of the applications, and of programs in their usual
         *     places; with `folders` of those alone. Changes nothing.
         */
        get: operations["outside_copies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trash": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Trash
         * @description What `restore` can bring back, newest first; `deleted` is the day, in UTC.
         */
        get: operations["trash"];
        put?: never;
        post?: never;
        /**
         * Empty Trash
         * @description Free the space of everything that `restore` could bring back. This cannot be undone.
         */
        delete: operations["empty_trash"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trash/{model_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore
         * @description Bring a model back from the trash.
         */
        post: operations["restore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trashed-apps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * App Trash
         * @description The installed versions that `app_remove` moved to the trash, newest first.
         */
        get: operations["app_trash"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trashed-apps/purge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * App Purge
         * @description Free the space of removed versions: there is no way back. Without names, of all.
         *
         *     Raises AppNotFoundError (then nothing was purged), FileError.
         */
        post: operations["app_purge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trashed-apps/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * App Restore
         * @description Bring a removed version back to its place, and add it again.
         *
         *     Raises AppNotFoundError, TargetExistsError, and what `app_add` raises.
         */
        post: operations["app_restore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Uploads
         * @description All uploads, also complete ones until they are imported.
         */
        get: operations["uploads"];
        put?: never;
        /**
         * Announce
         * @description Say what will be sent.
         */
        post: operations["announce_upload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/uploads/{upload_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Upload
         * @description How far an upload is.
         */
        get: operations["upload"];
        /**
         * Send
         * @description Send bytes, all or with `Content-Range: bytes FIRST-LAST/SIZE`. What arrived before a cut counts.
         */
        put: operations["send_upload"];
        post?: never;
        /**
         * Cancel
         * @description Give an upload up.
         */
        delete: operations["cancel_upload"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/verifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verify
         * @description Hash the files of some or all models again and compare.
         */
        post: operations["verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AdapterType
         * @enum {string}
         */
        AdapterType: "lora" | "locon" | "dora" | "loha" | "lokr" | "oft" | "boft" | "ia3" | "glora" | "diff" | "control_lora";
        /** AddRootArguments */
        AddRootArguments: {
            /**
             * Marker
             * @default true
             */
            marker?: boolean;
            /** @default managed */
            mode?: components["schemas"]["RootMode"];
            /** Path */
            path: string;
        };
        /**
         * Announcement
         * @description A file that will be sent. `name` may hold folders (`model/unet/config.json`); `batch` is that of the
         *     first upload of files that belong together.
         */
        Announcement: {
            /** Batch */
            batch?: string | null;
            /** Name */
            name: string;
            /** Sha256 */
            sha256?: string | null;
            /** Size */
            size: number;
        };
        /** AppAddArguments */
        AppAddArguments: {
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
            /** Kind */
            kind: string;
            /** Path */
            path: string;
            /**
             * Sync
             * @default true
             */
            sync?: boolean;
            /**
             * Variant
             * @default
             */
            variant?: string;
            /** Version */
            version?: string | null;
        };
        /**
         * AppAddedJson
         * @description An application that was added, or of a dry run would be. `evidence`: what it was known by; `was`:
         *     where it was before when it only moved; `preview`: as `link preview` gives it; `sync`: as `link sync`
         *     gives it, None when nothing was synced.
         */
        AppAddedJson: {
            app: components["schemas"]["AppJson"];
            /** Dry Run */
            dry_run: boolean;
            /** Evidence */
            evidence: string[];
            preview: components["schemas"]["PreviewJson"];
            sync: components["schemas"]["SyncJson"] | null;
            /** Was */
            was: string | null;
        };
        /** AppEditArguments */
        AppEditArguments: {
            /** Variant */
            variant: string;
        };
        /** AppInstallArguments */
        AppInstallArguments: {
            /** Kind */
            kind: string;
            /** Source */
            source: string;
            /**
             * Sync
             * @default true
             */
            sync?: boolean;
            /**
             * Variant
             * @default
             */
            variant?: string;
            /** Version */
            version: string;
        };
        /**
         * AppJson
         * @description One application. `state` is `online`, or `offline` when its directory is not there now; `links` is
         *     how many links of ours it has; `links_off`: a person left it without links until its next sync.
         */
        AppJson: {
            /** Added */
            added: string;
            /** App Id */
            app_id: string;
            /** Installed */
            installed: boolean;
            /** Kind */
            kind: string;
            /** Links */
            links: number;
            /** Links Off */
            links_off: boolean;
            /** Name */
            name: string;
            /** Path */
            path: string;
            /** State */
            state: string;
            /** Variant */
            variant: string;
            /** Version */
            version: string | null;
        };
        /** AppPurgeArguments */
        AppPurgeArguments: {
            /** Names */
            names: string[];
        };
        /**
         * AppRemovedJson
         * @description `removed` counts links; `trash` is where the directory went, None when it stayed; `installed`: it is one
         *     that was installed by us.
         */
        AppRemovedJson: {
            /** App Id */
            app_id: string;
            /** Installed */
            installed: boolean;
            /** Left */
            left: components["schemas"]["LeftLinkJson"][];
            /** Path */
            path: string;
            /** Removed */
            removed: number;
            /** Replaced */
            replaced: components["schemas"]["KeptFileJson"][];
            /** Trash */
            trash: string | null;
        };
        /** AppRestoreArguments */
        AppRestoreArguments: {
            /** Name */
            name: string;
            /**
             * Sync
             * @default true
             */
            sync?: boolean;
        };
        /**
         * AttachedJson
         * @description A file that came to a model; `path` is that of the repository.
         */
        AttachedJson: {
            /** Model Id */
            model_id: string;
            /** Path */
            path: string;
        };
        /**
         * AutomaticJson
         * @description What was found out about a field that a person then set by hand.
         */
        AutomaticJson: {
            evidence: components["schemas"]["EvidenceJson"] | null;
            /** Value */
            value: unknown;
        };
        /**
         * Beginning
         * @description Where the library is to live: an absolute path; `~` is the home directory.
         */
        Beginning: {
            /** Path */
            path: string;
        };
        /**
         * CaughtUpJson
         * @description Links of one application that were made because they were wanted and had never been, and links
         *     that went because their models were deleted while it was away; both are counted.
         */
        CaughtUpJson: {
            /** App */
            app: string;
            /** Failed */
            failed: number;
            /** Made */
            made: number;
            /** Removed */
            removed: number;
        };
        /** CautionJson */
        CautionJson: {
            /** Code */
            code: string;
            /** Hint */
            hint: string;
            /** Message */
            message: string;
            /** Path */
            path: string | null;
        };
        /**
         * CheckJson
         * @description One check of `doctor`: `result` is ok, warning or error.
         */
        CheckJson: {
            /** Hint */
            hint: string;
            /** Message */
            message: string;
            /** Name */
            name: string;
            /** Result */
            result: string;
        };
        /**
         * CheckedJson
         * @description What the last `verify` of a model found.
         */
        CheckedJson: {
            /** Date */
            date: string;
            /** Detail */
            detail: string;
            /** Intact */
            intact: boolean;
        };
        /**
         * ChoiceJson
         * @description One thing that `download --quant NAME` takes.
         */
        ChoiceJson: {
            /** Files */
            files: string[];
            /** Name */
            name: string;
            /** Size */
            size: number;
        };
        /** CleanJson */
        CleanJson: {
            /** App */
            app: string;
            /** Left */
            left: components["schemas"]["LeftJson"][];
            /** Removed */
            removed: components["schemas"]["LinkJson"][];
        };
        /** CompareCopyArguments */
        CompareCopyArguments: {
            /** Path */
            path: string;
        };
        /** CompareResultJson */
        CompareResultJson: {
            document: components["schemas"]["ComparedJson"];
            /** Job Id */
            job_id: string;
            /**
             * Kind
             * @constant
             */
            kind: "compare";
        };
        /**
         * ComparedJson
         * @description Whether the library holds exactly this file; then which.
         */
        ComparedJson: {
            /** File */
            file: string | null;
            /** Model Id */
            model_id: string | null;
            /** Path */
            path: string;
            /** Same */
            same: boolean;
        };
        /**
         * ConflictJson
         * @description `reason` is other-link, other-file, same-content or directory-in-the-way.
         */
        ConflictJson: {
            /** App */
            app: string;
            /** Detail */
            detail: string;
            existing: components["schemas"]["ExistingJson"];
            /** External */
            external: boolean;
            /** File */
            file: string;
            /** Method */
            method: string;
            /** Model Id */
            model_id: string;
            /** Path */
            path: string;
            /** Reason */
            reason: string;
            /** Size */
            size: number;
            /** Source */
            source: string | null;
            /** Target */
            target: string;
        };
        /**
         * Container
         * @enum {string}
         */
        Container: "safetensors" | "gguf" | "pickle_zip" | "pickle_legacy" | "onnx" | "coreml" | "diffusers_dir" | "transformers_dir" | "mlx_dir" | "torchscript" | "keras" | "other";
        /**
         * CopiesJson
         * @description `bytes` is what linking instead would free at most: of the copies with a `target` that were not found to
         *     differ. `folders` were looked through; files of less than `smallest` bytes were not looked at.
         */
        CopiesJson: {
            /** Bytes */
            bytes: number;
            /** Copies */
            copies: components["schemas"]["CopyJson"][];
            /** Folders */
            folders: string[];
            /** Smallest */
            smallest: number;
            /** Took Ms */
            took_ms: number;
        };
        /**
         * CopyJson
         * @description A file outside that the library holds too. `app_id`: the application that it lies in, where one was
         *     added; `target`: the name in it that a sync can put a link at in place of this file (the choice `adopt`), None when
         *     no link would have its very name; `certain`: by its hash, else by its size and a few blocks; `compared`: what the
         *     last comparison of the file as it is now has told, None when there was none.
         */
        CopyJson: {
            /** App Id */
            app_id: string | null;
            /** Certain */
            certain: boolean;
            /** Compared */
            compared: boolean | null;
            /** File */
            file: string;
            /** Model Id */
            model_id: string;
            /** Official Name */
            official_name: string;
            /** Path */
            path: string;
            /** Program */
            program: string;
            /** Size */
            size: number;
            /** Target */
            target: string | null;
        };
        /** CreateJson */
        CreateJson: {
            /** App */
            app: string;
            /** External */
            external: boolean;
            /** File */
            file: string;
            /** Method */
            method: string;
            /** Model Id */
            model_id: string;
            /** Path */
            path: string;
            /** Size */
            size: number;
            /** Source */
            source: string | null;
            /** Target */
            target: string;
        };
        /**
         * DeletedJson
         * @description What `delete` did with one model. Of several, the command line prints a list in `deleted`, and in
         *     `failed` those with an `error`; so does `restore`, with models in `restored`.
         */
        DeletedJson: {
            /** Freed */
            freed: number;
            /** Model Id */
            model_id: string;
            /** Trash */
            trash: string | null;
        };
        /**
         * DiscoveredJson
         * @description A directory without a rule. `known`: what it holds is known, so that `--accept` needs no kinds.
         */
        DiscoveredJson: {
            /** Directory */
            directory: string;
            /** Kinds */
            kinds: string[];
            /** Known */
            known: boolean;
        };
        /** DoctorJson */
        DoctorJson: {
            /** Checks */
            checks: components["schemas"]["CheckJson"][];
            /** Healthy */
            healthy: boolean;
        };
        /** DownloadArguments */
        DownloadArguments: {
            /**
             * Accept Pickle
             * @default false
             */
            accept_pickle?: boolean;
            /** Beside */
            beside?: string | null;
            /**
             * Everything
             * @default false
             */
            everything?: boolean;
            /**
             * Files
             * @default []
             */
            files?: string[];
            /** Quant */
            quant?: string | null;
            /** Repo */
            repo: string;
            /** Revision */
            revision?: string | null;
            /** Root */
            root?: string | null;
        };
        /**
         * DownloadJson
         * @description `paths` are those of the repository; `attached`: what came to the model that was named as `beside`.
         */
        DownloadJson: {
            /** Attached */
            attached: components["schemas"]["AttachedJson"][];
            /** Bytes */
            bytes: number;
            /** Dry Run */
            dry_run: boolean;
            /** Duplicates */
            duplicates: components["schemas"]["DuplicateJson"][];
            /** Failed */
            failed: components["schemas"]["FailedJson"][];
            /** Imported */
            imported: components["schemas"]["ImportedJson"][];
            /** Job */
            job: string;
            /** Losses */
            losses?: components["schemas"]["LossJson"][];
            /** Repo */
            repo: string;
            /** Revision */
            revision: string | null;
            /** Skipped */
            skipped: components["schemas"]["SkippedJson"][];
            /** Took Ms */
            took_ms: number;
            /** Url */
            url: string;
            /** Would Import */
            would_import?: components["schemas"]["InspectedJson"][];
        };
        /** DownloadResultJson */
        DownloadResultJson: {
            document: components["schemas"]["DownloadJson"];
            /** Job Id */
            job_id: string;
            /**
             * Kind
             * @constant
             */
            kind: "download";
        };
        /**
         * DriveJson
         * @description A drive beneath the roots. `rotational` is None when it cannot be known; `at_once` is how many
         *     files are read or written on it at the same time.
         */
        DriveJson: {
            /** At Once */
            at_once: number;
            /** Key */
            key: string;
            /** Roots */
            roots: string[];
            /** Rotational */
            rotational: boolean | null;
        };
        /** DuplicateJson */
        DuplicateJson: {
            /** Model Id */
            model_id: string;
            /** Path */
            path: string;
            /** Paths */
            paths: string[];
        };
        /** EditArguments */
        EditArguments: {
            /**
             * Add Tags
             * @default []
             */
            add_tags?: string[];
            /**
             * Assignments
             * @default []
             */
            assignments?: string[];
            /**
             * Remove Tags
             * @default []
             */
            remove_tags?: string[];
            /**
             * Unset
             * @default []
             */
            unset?: string[];
        };
        /** EditModelsArguments */
        EditModelsArguments: {
            /**
             * Add Tags
             * @default []
             */
            add_tags?: string[];
            /**
             * As Left
             * @default []
             */
            as_left?: string[];
            /**
             * Assignments
             * @default []
             */
            assignments?: string[];
            /** Model Ids */
            model_ids: string[];
            /**
             * Remove Tags
             * @default []
             */
            remove_tags?: string[];
            /**
             * Unset
             * @default []
             */
            unset?: string[];
        };
        /**
         * EditedJson
         * @description What `edit` did with several models; a model that already was so is in `edited`, too, and not in `undo`.
         */
        EditedJson: {
            /** Edited */
            edited: components["schemas"]["ModelJson"][];
            /** Failed */
            failed: components["schemas"]["NotEditedJson"][];
            /** Undo */
            undo: components["schemas"]["UndoJson"][];
        };
        /**
         * EntryJson
         * @description A file or folder. `model`: its name is that of a model file; `size` in bytes, None of a folder.
         */
        EntryJson: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "folder" | "file";
            /** Model */
            model: boolean;
            /** Name */
            name: string;
            /** Path */
            path: string;
            /** Size */
            size: number | null;
        };
        /**
         * ErrorJson
         * @description An error: `code` is stable, `message` says what, `hint` what to do.
         */
        ErrorJson: {
            /** Code */
            code: string;
            /** Hint */
            hint: string;
            /** Message */
            message: string;
            /** Path */
            path?: string | null;
        };
        /**
         * EvidenceJson
         * @description Why a field has its value. `confidence` is 0 to 1.
         */
        EvidenceJson: {
            /** Confidence */
            confidence: number;
            method: components["schemas"]["EvidenceMethod"];
            /** Rules Version */
            rules_version: number;
            /** Value */
            value: string;
        };
        /**
         * EvidenceMethod
         * @description How a field became known; the order is the precedence, strongest first.
         * @enum {string}
         */
        EvidenceMethod: "user" | "hash_lookup" | "tensor_keys" | "gguf_kv" | "config_json" | "metadata" | "sidecar" | "name_lookup" | "folder" | "filename";
        /**
         * ExcludedJson
         * @description A model that the application does not get. `reason` is a stable code, `detail` a sentence; `value`: what the
         *     code is about, such as the kind, the family or the size in bytes of the model, or "".
         */
        ExcludedJson: {
            /** Detail */
            detail: string;
            /** Model Id */
            model_id: string;
            /** Name */
            name: string;
            /** Reason */
            reason: string;
            /** Value */
            value: string;
        };
        /**
         * ExistingJson
         * @description What has the name of a wanted link: `kind` is symlink, file, directory or other.
         */
        ExistingJson: {
            /** Kind */
            kind: string;
            /** Link Text */
            link_text: string | null;
            /** Size */
            size: number;
        };
        /**
         * FailedJson
         * @description What did not come in. `path`: of its `paths` the one that is the reason, else the first.
         */
        FailedJson: {
            error: components["schemas"]["ErrorJson"];
            /** Path */
            path: string;
            /** Paths */
            paths: string[];
        };
        /** FailedLinkJson */
        FailedLinkJson: {
            error: components["schemas"]["ErrorJson"];
            /** Model Id */
            model_id: string;
            /** Target */
            target: string;
        };
        /**
         * FileRole
         * @description What a file is to its model. Only weights take part in the content digest.
         * @enum {string}
         */
        FileRole: "weight" | "config" | "companion" | "preview" | "sidecar";
        /** FindJson */
        FindJson: {
            /** Age */
            age: number;
            /** Freshness */
            freshness: string;
            /** Models */
            models: components["schemas"]["RemoteModelJson"][];
            /** Query */
            query: string;
            /** Took Ms */
            took_ms: number;
        };
        /**
         * FindingJson
         * @description `finding_id` names it as long as it stands; `code` is stable; `severity` is error, warning or info;
         *     `fixable`: `health --fix` does it.
         */
        FindingJson: {
            /** Action */
            action: string;
            /** App */
            app: string | null;
            /** Code */
            code: string;
            /** Finding Id */
            finding_id: string;
            /** Fixable */
            fixable: boolean;
            /** Message */
            message: string;
            /** Model Id */
            model_id: string | null;
            /** Path */
            path: string | null;
            /** Severity */
            severity: string;
        };
        /**
         * FirstRunJson
         * @description What is known before there is a library. `open`: the path of the one that is open; `missing`: where the
         *     one that was chosen before should be and is not; `proposed`: where one would be begun.
         */
        FirstRunJson: {
            /** Missing */
            missing: string | null;
            /** Open */
            open: string | null;
            proposed: components["schemas"]["PlaceJson"];
        };
        /** FixHealthArguments */
        FixHealthArguments: {
            /**
             * Findings
             * @default []
             */
            findings?: string[];
        };
        /**
         * FolderJson
         * @description What a folder holds, folders first. `parent` is None where nothing above may be shown; `omitted` counts
         *     what has a name that cannot be sent, or is more than fits; `places` are where to begin. `file`: the path of
         *     the file in it that was asked for, else None; `unfound`: the last name of what was asked for when nothing in
         *     the folder has it, as while somebody types it, else empty.
         */
        FolderJson: {
            /** Entries */
            entries: components["schemas"]["EntryJson"][];
            /** File */
            file: string | null;
            /** Omitted */
            omitted: number;
            /** Parent */
            parent: string | null;
            /** Path */
            path: string;
            /** Places */
            places: string[];
            /** Unfound */
            unfound: string;
        };
        /**
         * FoundAppJson
         * @description An installation that lies somewhere; `app_id` is None when it was not added yet.
         */
        FoundAppJson: {
            /** App Id */
            app_id: string | null;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /** Path */
            path: string;
            /** Version */
            version: string | null;
        };
        /**
         * FoundFolderJson
         * @description A folder in which a program keeps models: `files` that may be models, by their names, and their `bytes`;
         *     there are more when they are not `complete`.
         */
        FoundFolderJson: {
            /** Bytes */
            bytes: number;
            /** Complete */
            complete: boolean;
            /** Files */
            files: number;
            /** Path */
            path: string;
            /** Program */
            program: string;
        };
        /** FoundSecurityJson */
        FoundSecurityJson: {
            /** Findings */
            findings: string[];
            tier: components["schemas"]["SecurityTier"];
        };
        /**
         * GoneJson
         * @description A model whose directory was deleted by hand, and where that was; `restorable`: the trash has a copy.
         */
        GoneJson: {
            /** Model Id */
            model_id: string;
            /** Official Name */
            official_name: string;
            /** Path */
            path: string | null;
            /** Restorable */
            restorable: boolean;
            /** Size */
            size: number;
        };
        /**
         * HashedFileJson
         * @description A file that holds weights; `size` in bytes.
         */
        "HashedFileJson-Input": {
            /** Name */
            name: string;
            /** Sha256 */
            sha256: string;
            /** Size */
            size: number;
        };
        /**
         * HashedFileJson
         * @description A file that holds weights; `size` in bytes.
         */
        "HashedFileJson-Output": {
            /** Name */
            name: string;
            /** Sha256 */
            sha256: string;
            /** Size */
            size: number;
        };
        /**
         * HealthJson
         * @description `status` is healthy, warnings or errors. `repair` and `caught_up` are what `fix` did before the
         *     look.
         */
        HealthJson: {
            /** Apps */
            apps: number;
            /** Caught Up */
            caught_up?: components["schemas"]["CaughtUpJson"][];
            /** Findings */
            findings: components["schemas"]["FindingJson"][];
            /** Links */
            links: number;
            /** Models */
            models: number;
            repair?: components["schemas"]["RepairJson"];
            /** Status */
            status: string;
            /** Took Ms */
            took_ms: number;
            /** Working */
            working: number;
        };
        /**
         * HostJson
         * @description `state`: closed (works), open (left in peace until `until`) or half-open; `served`: live, cache or none.
         */
        HostJson: {
            /** Failures */
            failures: number;
            /** Host */
            host: string;
            /** Last Answer */
            last_answer: string | null;
            /** Last Error */
            last_error: string | null;
            /** Quotas */
            quotas: components["schemas"]["QuotaJson"][];
            /** Served */
            served: string;
            /** Since */
            since: string | null;
            /** State */
            state: string;
        };
        /**
         * ImportJson
         * @description Of a dry run `imported` is empty, `would_import` holds what `inspect` would say, and `losses` what a move,
         *     if it is one, would take away from other programs.
         */
        ImportJson: {
            /** Dry Run */
            dry_run: boolean;
            /** Duplicates */
            duplicates: components["schemas"]["DuplicateJson"][];
            /** Failed */
            failed: components["schemas"]["FailedJson"][];
            /** Imported */
            imported: components["schemas"]["ImportedJson"][];
            /** Losses */
            losses?: components["schemas"]["LossJson"][];
            /** Skipped */
            skipped: components["schemas"]["SkippedJson"][];
            /** Took Ms */
            took_ms: number;
            /** Would Import */
            would_import?: components["schemas"]["InspectedJson"][];
        };
        /** ImportModelsArguments */
        ImportModelsArguments: {
            /**
             * Accept Pickle
             * @default false
             */
            accept_pickle?: boolean;
            /** Edits */
            edits?: {
                [key: string]: string[];
            } | null;
            /** Family */
            family?: string | null;
            /** Kind */
            kind?: string | null;
            /**
             * Offline
             * @default false
             */
            offline?: boolean;
            /** Paths */
            paths: string[];
            place?: components["schemas"]["Placement"] | null;
            /** Root */
            root?: string | null;
        };
        /** ImportResultJson */
        ImportResultJson: {
            document: components["schemas"]["ImportJson"];
            /** Job Id */
            job_id: string;
            /**
             * Kind
             * @constant
             */
            kind: "import";
        };
        /**
         * ImportedJson
         * @description A model that came in. `paths`: its sources; `left`: sources of a move that stayed; `repaired`: it took
         *     the place of a damaged one; `completed`: shards came to a model that lacked them.
         */
        ImportedJson: {
            adapter_type: components["schemas"]["AdapterType"] | null;
            /** Added */
            added: string;
            /** Automatic */
            automatic: {
                [key: string]: components["schemas"]["AutomaticJson"];
            };
            /** Completed */
            completed: boolean;
            container: components["schemas"]["Container"];
            /** Content Digest */
            content_digest: string;
            /** Description */
            description: string | null;
            /** Dtype Histogram */
            dtype_histogram: {
                [key: string]: number;
            };
            /** Embedded */
            embedded: {
                [key: string]: string | number | boolean;
            };
            /** Evidence */
            evidence: {
                [key: string]: components["schemas"]["EvidenceJson"];
            };
            /** Family */
            family: string;
            /** Files */
            files: components["schemas"]["ModelFileJson"][];
            form: components["schemas"]["ModelForm"];
            kind: components["schemas"]["Kind"];
            /** Left */
            left: string[];
            /** License */
            license: string | null;
            /** Lineage */
            lineage: string | null;
            match: components["schemas"]["MatchJson"];
            /** Missing Files */
            missing_files: string[];
            /** Model Id */
            model_id: string;
            /** Notes */
            notes: string | null;
            /** Official Name */
            official_name: string;
            /** Origin Path */
            origin_path: string | null;
            /** Parameter Count */
            parameter_count: number | null;
            /** Path */
            path: string | null;
            /** Paths */
            paths: string[];
            placement: components["schemas"]["PlacedBy"];
            /** Precision */
            precision: string | null;
            /** Preview */
            preview: string | null;
            reference: components["schemas"]["ReferenceJson"] | null;
            /** Repaired */
            repaired: boolean;
            /** Schema Version */
            schema_version: number;
            security: components["schemas"]["SecurityJson"];
            /** Size */
            size: number;
            /** Slug */
            slug: string;
            /** Source Labels */
            source_labels: {
                [key: string]: string;
            };
            /** Sources */
            sources: components["schemas"]["SourceJson"][];
            state: components["schemas"]["ModelState"];
            /** Tags */
            tags: string[];
            /** Tasks */
            tasks: string[];
            /** Trigger Words */
            trigger_words: string[];
            /** Updated */
            updated: string;
            /** User Set */
            user_set: string[];
            /** Variant */
            variant: string | null;
            verified?: components["schemas"]["CheckedJson"];
            /** Warnings */
            warnings: string[];
        };
        /** InspectArguments */
        InspectArguments: {
            /** Paths */
            paths: string[];
        };
        /** InspectJson */
        InspectJson: {
            /** Models */
            models: components["schemas"]["InspectedJson"][];
            /** Skipped */
            skipped: components["schemas"]["SkippedJson"][];
        };
        /**
         * InspectedJson
         * @description What `inspect` says of one group of files. Of one that is not `valid` there is an `error`; a dry run of
         *     an import adds the `model_id` to come, whether it `completes` a model that is there, and the `files` with
         *     weights.
         */
        InspectedJson: {
            adapter_type?: components["schemas"]["AdapterType"] | null;
            /** Completes */
            completes?: boolean;
            container?: components["schemas"]["Container"];
            /** Description */
            description?: string | null;
            /** Dtype Histogram */
            dtype_histogram?: {
                [key: string]: number;
            };
            /** Embedded */
            embedded?: {
                [key: string]: unknown;
            };
            error?: components["schemas"]["ErrorJson"];
            /** Evidence */
            evidence?: {
                [key: string]: components["schemas"]["EvidenceJson"];
            };
            /** Family */
            family?: string;
            /** Files */
            files?: components["schemas"]["HashedFileJson-Output"][];
            form?: components["schemas"]["ModelForm"];
            kind?: components["schemas"]["Kind"];
            /** License */
            license?: string | null;
            /** Lineage */
            lineage?: string | null;
            /** Missing Files */
            missing_files?: string[];
            /** Model Id */
            model_id?: string;
            /** Name */
            name?: string;
            /** Official Name */
            official_name?: string;
            /** Parameter Count */
            parameter_count?: number | null;
            /** Paths */
            paths: string[];
            /** Precision */
            precision?: string | null;
            security?: components["schemas"]["FoundSecurityJson"];
            /** Size */
            size?: number;
            /** Tags */
            tags?: string[];
            /** Tasks */
            tasks?: string[];
            /** Trigger Words */
            trigger_words?: string[];
            /** Valid */
            valid: boolean;
            /** Variant */
            variant?: string | null;
            /** Warnings */
            warnings?: string[];
        };
        /** InstallResultJson */
        InstallResultJson: {
            document: components["schemas"]["AppAddedJson"];
            /** Job Id */
            job_id: string;
            /**
             * Kind
             * @constant
             */
            kind: "install";
        };
        /**
         * JobJson
         * @description One job. `request` is what was asked of the process `owner` and not done yet.
         */
        JobJson: {
            /** Created */
            created: string;
            /** Ended */
            ended: string | null;
            error: components["schemas"]["ErrorJson"] | null;
            /** Job Id */
            job_id: string;
            /** Kind */
            kind: string;
            /** Owner */
            owner: number | null;
            /** Parameters */
            parameters: {
                [key: string]: unknown;
            };
            /** Priority */
            priority: number;
            progress: components["schemas"]["JobProgressJson"];
            /** Request */
            request: string | null;
            /** Result */
            result: {
                [key: string]: unknown;
            } | null;
            /** Started */
            started: string | null;
            /** State */
            state: string;
            /** Title */
            title: string;
        };
        /**
         * JobProgressJson
         * @description How far a job is. Totals, rate and time left are None where they are not known.
         */
        JobProgressJson: {
            /** Bytes Done */
            bytes_done: number;
            /** Bytes Total */
            bytes_total: number | null;
            /** Detail */
            detail: string;
            /** Fraction */
            fraction: number | null;
            /** Models Done */
            models_done: number;
            /** Models Total */
            models_total: number | null;
            /** Rate */
            rate: number | null;
            /** Seconds Left */
            seconds_left: number | null;
            /** Stage */
            stage: string;
        };
        /**
         * JobsJson
         * @description `counts` are of all jobs by state, also of those that are not listed.
         */
        JobsJson: {
            /** Counts */
            counts: {
                [key: string]: number;
            };
            /** Jobs */
            jobs: components["schemas"]["JobJson"][];
        };
        /**
         * KeptFileJson
         * @description A file of the user that had given way to a link, and where it is now.
         */
        KeptFileJson: {
            /** Kept */
            kept: string;
            /** Size */
            size: number;
            /** Target */
            target: string;
        };
        /**
         * Kind
         * @description The role of a model; decides the folder in the library and in applications.
         * @enum {string}
         */
        Kind: "checkpoint" | "diffusion_model" | "adapter" | "controlnet" | "t2i_adapter" | "ip_adapter" | "vae" | "vae_approx" | "text_encoder" | "vision_encoder" | "audio_encoder" | "embedding_ti" | "hypernetwork" | "motion_module" | "style_model" | "model_patch" | "upscaler" | "face_restorer" | "detector" | "segmenter" | "llm" | "vlm" | "embedding_model" | "reranker" | "classifier" | "asr" | "tts" | "audio_gen" | "mmproj" | "draft" | "tokenizer_config" | "pipeline" | "auxiliary" | "other" | "unknown";
        /**
         * LeftJson
         * @description A link that should have gone and was not removed; `why` says what is there.
         */
        LeftJson: {
            /** App */
            app: string;
            /** External */
            external: boolean;
            /** File */
            file: string;
            /** Method */
            method: string;
            /** Model Id */
            model_id: string;
            /** Path */
            path: string;
            /** Source */
            source: string | null;
            /** Target */
            target: string;
            /** Why */
            why: string;
        };
        /**
         * LeftLinkJson
         * @description A link that was not removed.
         */
        LeftLinkJson: {
            /** Model Id */
            model_id: string;
            /** Reason */
            reason: string;
            /** Target */
            target: string;
        };
        /**
         * LimitsJson
         * @description What downloads may take: how many at once, and bytes a second (None: no limit).
         */
        LimitsJson: {
            /** At Once */
            at_once: number;
            /** Bandwidth */
            bandwidth: number | null;
        };
        /**
         * LinkJson
         * @description A link that is there, or of `create` will be. `source` is None when its root is not known any more;
         *     `external`: it leads to another filesystem.
         */
        LinkJson: {
            /** App */
            app: string;
            /** External */
            external: boolean;
            /** File */
            file: string;
            /** Method */
            method: string;
            /** Model Id */
            model_id: string;
            /** Path */
            path: string;
            /** Source */
            source: string | null;
            /** Target */
            target: string;
        };
        /** LinkPurgeArguments */
        LinkPurgeArguments: {
            /** Targets */
            targets: string[];
        };
        /** LinkPutBackArguments */
        LinkPutBackArguments: {
            /** Targets */
            targets: string[];
        };
        /** LinkRepairArguments */
        LinkRepairArguments: {
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
        };
        /** LinkSyncArguments */
        LinkSyncArguments: {
            /**
             * Accept
             * @default []
             */
            accept?: string[];
            /**
             * Choices
             * @default {}
             */
            choices?: {
                [key: string]: string;
            };
            /**
             * On Conflict
             * @default skip
             */
            on_conflict?: string;
            /**
             * Only
             * @default []
             */
            only?: string[];
            /**
             * Prune
             * @default false
             */
            prune?: boolean;
        };
        /**
         * ListJson
         * @description `warnings`: filters and values that were not understood. `total_is_exact` is False when counting stopped at a bound; then there are at least `total`.
         */
        ListJson: {
            /** Facets */
            facets?: {
                [key: string]: {
                    [key: string]: number;
                };
            };
            /** Models */
            models: components["schemas"]["ModelJson"][];
            /** Took Ms */
            took_ms: number;
            /** Total */
            total: number;
            /** Total Is Exact */
            total_is_exact: boolean;
            /** Warnings */
            warnings: components["schemas"]["WarningJson"][];
        };
        /** LookUpArguments */
        LookUpArguments: {
            /**
             * Everything
             * @default false
             */
            everything?: boolean;
            /**
             * Model Ids
             * @default []
             */
            model_ids?: string[];
            /** Repo */
            repo?: string | null;
        };
        /**
         * LookedUpJson
         * @description `outcome`: matched, uncertain, modified, none, pending or failed.
         */
        LookedUpJson: {
            /** Calls */
            calls: number;
            /** Changed */
            changed: string[];
            /** Confidence */
            confidence: number;
            error: components["schemas"]["ErrorJson"] | null;
            /** Method */
            method: string;
            /** Missing */
            missing: components["schemas"]["RemoteFileJson"][];
            /** Model Id */
            model_id: string;
            /** Outcome */
            outcome: string;
            /** Related */
            related: components["schemas"]["RemoteFileJson"][];
            /** Repo */
            repo: string | null;
            /** Url */
            url: string | null;
        };
        /** LookupJson */
        LookupJson: {
            /** Calls */
            calls: number;
            /** Models */
            models: components["schemas"]["LookedUpJson"][];
            /** Pending */
            pending: number;
            /** Took Ms */
            took_ms: number;
        };
        /** LookupResultJson */
        LookupResultJson: {
            document: components["schemas"]["LookupJson"];
            /** Job Id */
            job_id: string;
            /**
             * Kind
             * @constant
             */
            kind: "lookup";
        };
        /**
         * LossJson
         * @description Files in the folder of a program, which does not find them there any more when they are moved. `app`: the id of
         *     the application that it is, None when it was not added; `kind`: by which it can be, None where there is no
         *     profile; `linked`: the files that get a link after a move, of a program that was not added if it were.
         */
        LossJson: {
            /** App */
            app: string | null;
            /** Files */
            files: string[];
            /** Folder */
            folder: string;
            /** Kind */
            kind: string | null;
            /** Linked */
            linked: string[];
            /** Program */
            program: string;
        };
        /** MatchFilesArguments */
        MatchFilesArguments: {
            /** Embedded */
            embedded?: {
                [key: string]: string;
            } | null;
            /** Files */
            files: components["schemas"]["HashedFileJson-Input"][];
            /** @default single-file */
            form?: components["schemas"]["ModelForm"];
            /**
             * Missing Files
             * @default []
             */
            missing_files?: string[];
            /** Name */
            name: string;
        };
        /**
         * MatchJson
         * @description How sure we are which published model this is.
         */
        MatchJson: {
            /** Confidence */
            confidence: number;
            /** Match Source */
            match_source: string;
            method: components["schemas"]["MatchMethod"];
            /** Modified */
            modified: boolean;
            /** Pending */
            pending: boolean;
        };
        /**
         * MatchMethod
         * @enum {string}
         */
        MatchMethod: "hash" | "filename_exact" | "filename_fuzzy" | "metadata" | "none";
        /**
         * MatchedJson
         * @description Which published model some files are. `repo` is None when none is known; `proposed` holds what the
         *     provider says of it: fields of metadata.json. `asked`: questions, also those that a cache answered; with none
         *     nothing of the files says what to look for.
         */
        MatchedJson: {
            /** Asked */
            asked: number;
            /** Calls */
            calls: number;
            match: components["schemas"]["MatchJson"];
            /** Missing */
            missing: components["schemas"]["RemoteFileJson"][];
            /** Proposed */
            proposed: {
                [key: string]: unknown;
            };
            /** Related */
            related: components["schemas"]["RemoteFileJson"][];
            /** Repo */
            repo: string | null;
            /** Revision */
            revision: string | null;
            /** Url */
            url: string | null;
        };
        /**
         * ModelFileJson
         * @description One file; `path` is relative to the directory of the model.
         */
        ModelFileJson: {
            /** Autov3 */
            autov3: string | null;
            /** Blake3 */
            blake3: string | null;
            /** Original Name */
            original_name: string;
            /** Path */
            path: string;
            role: components["schemas"]["FileRole"];
            /** Sha256 */
            sha256: string;
            /** Shard Index */
            shard_index: number | null;
            /** Shard Total */
            shard_total: number | null;
            /** Size */
            size: number;
            /** Tensor Count */
            tensor_count: number | null;
        };
        /**
         * ModelForm
         * @description How the files of one logical model lie on disk.
         * @enum {string}
         */
        ModelForm: "single-file" | "sharded-set" | "diffusers-folder" | "transformers-folder";
        /**
         * ModelJson
         * @description A model of the library. `path`: absolute, of the file or the folder, None when offline; `verified`
         *     where one model is shown alone and was verified before.
         */
        ModelJson: {
            adapter_type: components["schemas"]["AdapterType"] | null;
            /** Added */
            added: string;
            /** Automatic */
            automatic: {
                [key: string]: components["schemas"]["AutomaticJson"];
            };
            container: components["schemas"]["Container"];
            /** Content Digest */
            content_digest: string;
            /** Description */
            description: string | null;
            /** Dtype Histogram */
            dtype_histogram: {
                [key: string]: number;
            };
            /** Embedded */
            embedded: {
                [key: string]: string | number | boolean;
            };
            /** Evidence */
            evidence: {
                [key: string]: components["schemas"]["EvidenceJson"];
            };
            /** Family */
            family: string;
            /** Files */
            files: components["schemas"]["ModelFileJson"][];
            form: components["schemas"]["ModelForm"];
            kind: components["schemas"]["Kind"];
            /** License */
            license: string | null;
            /** Lineage */
            lineage: string | null;
            match: components["schemas"]["MatchJson"];
            /** Missing Files */
            missing_files: string[];
            /** Model Id */
            model_id: string;
            /** Notes */
            notes: string | null;
            /** Official Name */
            official_name: string;
            /** Origin Path */
            origin_path: string | null;
            /** Parameter Count */
            parameter_count: number | null;
            /** Path */
            path: string | null;
            placement: components["schemas"]["PlacedBy"];
            /** Precision */
            precision: string | null;
            /** Preview */
            preview: string | null;
            reference: components["schemas"]["ReferenceJson"] | null;
            /** Schema Version */
            schema_version: number;
            security: components["schemas"]["SecurityJson"];
            /** Size */
            size: number;
            /** Slug */
            slug: string;
            /** Source Labels */
            source_labels: {
                [key: string]: string;
            };
            /** Sources */
            sources: components["schemas"]["SourceJson"][];
            state: components["schemas"]["ModelState"];
            /** Tags */
            tags: string[];
            /** Tasks */
            tasks: string[];
            /** Trigger Words */
            trigger_words: string[];
            /** Updated */
            updated: string;
            /** User Set */
            user_set: string[];
            /** Variant */
            variant: string | null;
            verified?: components["schemas"]["CheckedJson"];
        };
        /**
         * ModelState
         * @description What the library can say now about the files of a model.
         * @enum {string}
         */
        ModelState: "online" | "offline" | "missing" | "modified" | "invalid";
        /** MovedAppJson */
        MovedAppJson: {
            /** App */
            app: string;
            /** Old Path */
            old_path: string;
            /** Path */
            path: string;
        };
        /** NetworkJson */
        NetworkJson: {
            /** Endpoint */
            endpoint: string;
            /** Hosts */
            hosts: components["schemas"]["HostJson"][];
            /** Offline */
            offline: boolean;
            /** Token */
            token: boolean;
        };
        /**
         * NotEditedJson
         * @description `model_id` as it was given.
         */
        NotEditedJson: {
            error: components["schemas"]["ErrorJson"];
            /** Model Id */
            model_id: string;
        };
        /**
         * OfflineJson
         * @description `on`: no provider is asked. `variable`: the one of the environment that says so, which no setting
         *     overrules; `stored`: what was set here.
         */
        OfflineJson: {
            /** On */
            on: boolean;
            /** Stored */
            stored: boolean;
            /** Variable */
            variable: string | null;
        };
        /**
         * PlaceJson
         * @description A directory as the place of a library. `new`: one would be begun there; `library`: one is there already;
         *     `refused`: `problem` says why not. `free` in bytes, None where it cannot be known; `warning` is something to
         *     know before it is chosen.
         */
        PlaceJson: {
            /** Filesystem */
            filesystem: string;
            /** Free */
            free: number | null;
            /** Path */
            path: string;
            /** Problem */
            problem: string;
            /**
             * State
             * @enum {string}
             */
            state: "new" | "library" | "refused";
            /** Warning */
            warning: string;
        };
        /**
         * PlacedBy
         * @description What an import did in the end to put a file in its place.
         * @enum {string}
         */
        PlacedBy: "reflink" | "copy" | "move" | "reference" | "shared" | "download";
        /**
         * Placement
         * @description How an import puts files into the library.
         * @enum {string}
         */
        Placement: "auto" | "copy" | "move" | "reference";
        /** PlanDownloadArguments */
        PlanDownloadArguments: {
            /**
             * Accept Pickle
             * @default false
             */
            accept_pickle?: boolean;
            /** Beside */
            beside?: string | null;
            /**
             * Everything
             * @default false
             */
            everything?: boolean;
            /**
             * Files
             * @default []
             */
            files?: string[];
            /** Quant */
            quant?: string | null;
            /** Repo */
            repo: string;
            /** Revision */
            revision?: string | null;
            /** Root */
            root?: string | null;
        };
        /**
         * PlannedDownloadJson
         * @description What `download --dry-run` would fetch.
         */
        PlannedDownloadJson: {
            /** Bytes */
            bytes: number;
            /** Files */
            files: components["schemas"]["RemoteFileJson"][];
            /** Repo */
            repo: string;
            /** Revision */
            revision: string | null;
            /** Root */
            root: string;
            /** Url */
            url: string;
        };
        /** PreviewImportArguments */
        PreviewImportArguments: {
            /**
             * Accept Pickle
             * @default false
             */
            accept_pickle?: boolean;
            /** Edits */
            edits?: {
                [key: string]: string[];
            } | null;
            /** Family */
            family?: string | null;
            /** Kind */
            kind?: string | null;
            /**
             * Offline
             * @default false
             */
            offline?: boolean;
            /** Paths */
            paths: string[];
            place?: components["schemas"]["Placement"] | null;
            /** Root */
            root?: string | null;
        };
        /**
         * PreviewJson
         * @description What a sync would do; a link that is made again is in `remove` and in `create`. `forget`: links that
         *     somebody removed or replaced, of which nothing is left to remove.
         */
        PreviewJson: {
            /** App */
            app: string;
            /** Conflicts */
            conflicts: components["schemas"]["ConflictJson"][];
            /** Create */
            create: components["schemas"]["CreateJson"][];
            /** Discovered */
            discovered: components["schemas"]["DiscoveredJson"][];
            /** Excluded */
            excluded: components["schemas"]["ExcludedJson"][];
            /** Forget */
            forget: components["schemas"]["LinkJson"][];
            /** Keep */
            keep: components["schemas"]["LinkJson"][];
            /** Profile */
            profile: string;
            /** Remove */
            remove: components["schemas"]["RemoveJson"][];
            /** Warnings */
            warnings: components["schemas"]["CautionJson"][];
        };
        /** PrioritizeJobArguments */
        PrioritizeJobArguments: {
            /** Priority */
            priority: number;
        };
        /**
         * ProblemJson
         * @description An error: `code` is stable, `detail` says what, `hint` what to do, `path` with which file.
         */
        ProblemJson: {
            /** Code */
            code: string;
            /** Detail */
            detail: string;
            /** Hint */
            hint: string;
            /** Path */
            path: string | null;
            /** Status */
            status: number;
            /** Title */
            title: string;
            /** Type */
            type: string;
        };
        /**
         * ProfileDetailJson
         * @description A profile with its rules. `own`: the user has a file of this name, whose text is `text` (else what a
         *     new one begins with) and `revision` its content in short; `conditions`: the `[filter]` of that file, `inherited` those
         *     of the profiles that it adds to. With an `error` the file is not valid, and there are no rules.
         */
        ProfileDetailJson: {
            /** App */
            app: string;
            /** Built In */
            built_in: boolean;
            /** Conditions */
            conditions: {
                [key: string]: string;
            };
            /** Display */
            display: string;
            error: components["schemas"]["ErrorJson"] | null;
            /** Inherited */
            inherited: {
                [key: string]: string;
            }[];
            /** Name */
            name: string;
            /** Own */
            own: boolean;
            /** Path */
            path: string;
            /** Revision */
            revision: string;
            /** Rules */
            rules: components["schemas"]["RuleJson"][];
            /** Text */
            text: string;
            /** Variant */
            variant: string;
            /** Version */
            version: string | null;
        };
        /** ProfileEditArguments */
        ProfileEditArguments: {
            /** App */
            app?: string | null;
            /**
             * Conditions
             * @default {}
             */
            conditions?: {
                [key: string]: string;
            };
            /**
             * Drop
             * @default []
             */
            drop?: string[];
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
            /**
             * Off
             * @default []
             */
            off?: string[];
            /**
             * On
             * @default []
             */
            on?: string[];
            /** Revision */
            revision?: string | null;
            /**
             * Rules
             * @default []
             */
            rules?: string[];
            /** Text */
            text?: string | null;
        };
        /**
         * ProfileEditJson
         * @description `preview`: what a sync of the application that was named would do with the profile, which is written
         *     when `saved`.
         */
        ProfileEditJson: {
            preview: components["schemas"]["PreviewJson"] | null;
            profile: components["schemas"]["ProfileDetailJson"];
            /** Saved */
            saved: boolean;
        };
        /**
         * ProfileJson
         * @description A profile that can be chosen. `hidden`: the user's of the same name is used in its place; `repository`: the
         *     address that versions of the application are fetched from, or "".
         */
        ProfileJson: {
            /** App */
            app: string;
            /** Built In */
            built_in: boolean;
            /** Directories */
            directories: string[];
            /** Display */
            display: string;
            error: components["schemas"]["ErrorJson"] | null;
            /** Hidden */
            hidden: boolean;
            /** Name */
            name: string;
            /** Path */
            path: string;
            /** Repository */
            repository: string;
            /** Variant */
            variant: string;
            /** Version */
            version: string | null;
        };
        /** ProfilePreviewArguments */
        ProfilePreviewArguments: {
            /** App */
            app?: string | null;
            /**
             * Conditions
             * @default {}
             */
            conditions?: {
                [key: string]: string;
            };
            /**
             * Drop
             * @default []
             */
            drop?: string[];
            /**
             * Off
             * @default []
             */
            off?: string[];
            /**
             * On
             * @default []
             */
            on?: string[];
            /** Revision */
            revision?: string | null;
            /**
             * Rules
             * @default []
             */
            rules?: string[];
            /** Text */
            text?: string | null;
        };
        /**
         * PurgedAppsJson
         * @description What is gone for good, and the bytes that are free again.
         */
        PurgedAppsJson: {
            /** Freed */
            freed: number;
            /** Purged */
            purged: string[];
        };
        /**
         * PutBackJson
         * @description `done`: targets whose files are back, or whose space is free.
         */
        PutBackJson: {
            /** App */
            app: string;
            /** Done */
            done: string[];
            /** Failed */
            failed: components["schemas"]["FailedLinkJson"][];
            /** Freed */
            freed: number;
        };
        /** QuotaJson */
        QuotaJson: {
            /** Bucket */
            bucket: string;
            /** Limit */
            limit: number | null;
            /** Remaining */
            remaining: number | null;
            /** Resets */
            resets: string | null;
        };
        /**
         * RangeJson
         * @description An application of the library and whether its version may have the model; `reason`: why not.
         */
        RangeJson: {
            /** Allowed */
            allowed: boolean;
            /** App Id */
            app_id: string;
            /** Kind */
            kind: string;
            /** Reason */
            reason: string;
            /** Version */
            version: string | null;
        };
        /** ReferenceJson */
        ReferenceJson: {
            /** Path */
            path: string;
            /** Root Id */
            root_id: string;
        };
        /**
         * RelatedJson
         * @description What the repository of a model has besides what is held: `related` goes with it, `missing` is what it
         *     lacks. `repo` is None when the model has none; then the lists are empty.
         */
        RelatedJson: {
            /** Age */
            age: number;
            /** Freshness */
            freshness: string;
            /** Missing */
            missing: components["schemas"]["RemoteFileJson"][];
            /** Related */
            related: components["schemas"]["RemoteFileJson"][];
            /** Repo */
            repo: string | null;
            /** Revision */
            revision: string | null;
            /** Url */
            url: string | null;
        };
        /** RelocateRootArguments */
        RelocateRootArguments: {
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
            /** New */
            new: string;
            /** Old */
            old: string;
        };
        /**
         * RelocationJson
         * @description The root as it is at its new place, and what followed it; of a dry run what would. `absent`: of how
         *     many of its models files are not there.
         */
        RelocationJson: {
            /** Absent */
            absent: number;
            /** Dry Run */
            dry_run: boolean;
            /** Free */
            free: number | null;
            /** Home */
            home: boolean;
            /** Left */
            left: components["schemas"]["UntouchedLinkJson"][];
            /** Mode */
            mode: string;
            /** Models */
            models: number;
            /** Old Path */
            old_path: string;
            /** Online */
            online: boolean;
            /** Path */
            path: string;
            /** Problem */
            problem: string | null;
            /** Rewritten */
            rewritten: components["schemas"]["RewriteJson"][];
            /** Root Id */
            root_id: string;
        };
        /** RemoteFileJson */
        RemoteFileJson: {
            /** Path */
            path: string;
            /** Sha256 */
            sha256: string | null;
            /** Size */
            size: number | null;
        };
        /**
         * RemoteModelJson
         * @description One published model.
         */
        RemoteModelJson: {
            /** Architecture */
            architecture: string | null;
            /** Author */
            author: string | null;
            /** Base Models */
            base_models: string[];
            /** Downloads */
            downloads: number | null;
            /** Gated */
            gated: string | null;
            /** Library Name */
            library_name: string | null;
            /** License */
            license: string | null;
            /** Likes */
            likes: number | null;
            /** Parameters */
            parameters: number | null;
            /** Pipeline Tag */
            pipeline_tag: string | null;
            /** Private */
            private: boolean;
            /** Provider */
            provider: string;
            /** Repo */
            repo: string;
            /** Revision */
            revision: string | null;
            /** Tags */
            tags: string[];
            /** Updated */
            updated: string | null;
            /** Url */
            url: string;
        };
        /** RemoveJson */
        RemoveJson: {
            /** App */
            app: string;
            /** External */
            external: boolean;
            /** File */
            file: string;
            /** Method */
            method: string;
            /** Model Id */
            model_id: string;
            /** Path */
            path: string;
            /** Source */
            source: string | null;
            /** Target */
            target: string;
            /** Why */
            why: string;
        };
        /**
         * RepairJson
         * @description Of a dry run, what would be done.
         */
        RepairJson: {
            /** Dry Run */
            dry_run: boolean;
            /** Left */
            left: components["schemas"]["UntouchedLinkJson"][];
            /** Moved Apps */
            moved_apps: components["schemas"]["MovedAppJson"][];
            /** Repaired */
            repaired: components["schemas"]["RepairedJson"][];
            /** Took Ms */
            took_ms: number;
        };
        /**
         * RepairedJson
         * @description A link that leads to its bytes again: how they were found is root-id, model-id or content.
         */
        RepairedJson: {
            /** App */
            app: string;
            /** Means */
            means: string;
            /** Model Id */
            model_id: string;
            /** Path */
            path: string;
            /** Was */
            was: string;
        };
        /**
         * ReplacedJson
         * @description A file that gave way to a link. `kept`: where it is now; `reason`: rename, overwrite or adopt.
         */
        ReplacedJson: {
            /** App */
            app: string;
            /** Date */
            date: string;
            /** Kept */
            kept: string;
            /** Reason */
            reason: string;
            /** Sha256 */
            sha256: string | null;
            /** Size */
            size: number;
            /** Target */
            target: string;
        };
        /** RepositoryJson */
        RepositoryJson: {
            /** Age */
            age: number;
            /** Choices */
            choices: components["schemas"]["ChoiceJson"][];
            /** Files */
            files: components["schemas"]["RemoteFileJson"][];
            /** Freshness */
            freshness: string;
            model: components["schemas"]["RemoteModelJson"];
            /** Refused */
            refused: string[];
            /** Took Ms */
            took_ms: number;
        };
        /** ResolvedJson */
        ResolvedJson: {
            /** Choice */
            choice: string;
            /** Target */
            target: string;
        };
        /**
         * RewriteJson
         * @description A link that says another place: absolute path of the link, and its text before and after.
         */
        RewriteJson: {
            /** App */
            app: string;
            /** Model Id */
            model_id: string;
            /** New Text */
            new_text: string;
            /** Old Text */
            old_text: string;
            /** Path */
            path: string;
        };
        /** RootJson */
        RootJson: {
            /** Free */
            free: number | null;
            /** Home */
            home: boolean;
            /** Mode */
            mode: string;
            /** Online */
            online: boolean;
            /** Path */
            path: string;
            /** Problem */
            problem: string | null;
            /** Root Id */
            root_id: string;
        };
        /**
         * RootMode
         * @enum {string}
         */
        RootMode: "managed" | "referenced";
        /**
         * RuleJson
         * @description One directory of an application and what goes there. `asks`: what else has to hold, by the keys of
         *     docs/app-profiles.md; `own`: it stands in the user's profile of this name; `off`: switched off, by that profile when `off_here`.
         */
        RuleJson: {
            /** Asks */
            asks: {
                [key: string]: string;
            };
            /** Extensions */
            extensions: string[];
            /** If Exists */
            if_exists: boolean;
            /** Kinds */
            kinds: string[];
            /** Layout */
            layout: string;
            /** Method */
            method: string;
            /** Off */
            off: boolean;
            /** Off Here */
            off_here: boolean;
            /** Own */
            own: boolean;
            /** Priority */
            priority: number;
            /** Requires */
            requires: string[];
            /** Target */
            target: string;
        };
        /** ScanArguments */
        ScanArguments: {
            /**
             * Deep
             * @default false
             */
            deep?: boolean;
        };
        /**
         * ScanJson
         * @description `gone` says more about what is in `removed`.
         */
        ScanJson: {
            /** Added */
            added: string[];
            /** Deep */
            deep: boolean;
            /** Gone */
            gone: components["schemas"]["GoneJson"][];
            /** Metadata Restored */
            metadata_restored: string[];
            /** Missing */
            missing: string[];
            /** Models */
            models: number;
            /** Modified */
            modified: string[];
            /** Offline Roots */
            offline_roots: string[];
            /** Problems */
            problems: components["schemas"]["ErrorJson"][];
            /** Removed */
            removed: string[];
            /** Took Ms */
            took_ms: number;
            /** Unchanged */
            unchanged: number;
            /** Updated */
            updated: string[];
        };
        /** ScanResultJson */
        ScanResultJson: {
            document: components["schemas"]["ScanJson"];
            /** Job Id */
            job_id: string;
            /**
             * Kind
             * @constant
             */
            kind: "scan";
        };
        /** SecurityJson */
        SecurityJson: {
            /** Date */
            date: string;
            /** Findings */
            findings: string[];
            /** Scanner */
            scanner: string;
            tier: components["schemas"]["SecurityTier"];
        };
        /**
         * SecurityTier
         * @description What opening the file could do (design section 6), the harmless end first.
         * @enum {string}
         */
        SecurityTier: "safe-format" | "pickle-allowlisted" | "pickle-unknown" | "pickle-dangerous" | "executable" | "unreadable";
        /** SetDriveLimitArguments */
        SetDriveLimitArguments: {
            /** At Once */
            at_once: number;
            /** Key */
            key: string;
        };
        /** SetJobLimitsArguments */
        SetJobLimitsArguments: {
            /** At Once */
            at_once?: number | null;
            /** Bandwidth */
            bandwidth?: number | null;
        };
        /** SetSettingsArguments */
        SetSettingsArguments: {
            /** Offline */
            offline?: boolean | null;
            place?: components["schemas"]["Placement"] | null;
        };
        /** SetTokenArguments */
        SetTokenArguments: {
            /** Token */
            token: string;
        };
        /** SetVersionRangesArguments */
        SetVersionRangesArguments: {
            /** Ranges */
            ranges: {
                [key: string]: string;
            };
        };
        /**
         * SettingsJson
         * @description `place`: what an import does with the files when nothing else is said; `endpoint`: the Hub.
         */
        SettingsJson: {
            /** Endpoint */
            endpoint: string;
            /** Library */
            library: string;
            offline: components["schemas"]["OfflineJson"];
            place: components["schemas"]["Placement"];
            token: components["schemas"]["TokenJson"];
        };
        /** SkippedJson */
        SkippedJson: {
            /** Path */
            path: string;
            /** Reason */
            reason: string;
        };
        /**
         * Sort
         * @description The order of results. Without `-asc` or `-desc`, the order a person expects of the column.
         * @enum {string}
         */
        Sort: "relevance" | "name" | "name-desc" | "size" | "size-asc" | "added" | "added-asc" | "updated" | "updated-asc";
        /**
         * SourceJson
         * @description Where a model can be had; `model_id` is the provider's own.
         */
        SourceJson: {
            /** File */
            file: string | null;
            /** Model Id */
            model_id: string | null;
            /** Provider */
            provider: string;
            /** Repo */
            repo: string | null;
            /** Revision */
            revision: string | null;
            /** Url */
            url: string | null;
            /** Version Id */
            version_id: string | null;
        };
        /** StatusJson */
        StatusJson: {
            /** Adapter Types */
            adapter_types: {
                [key: string]: number;
            };
            /** Bytes */
            bytes: number;
            /** Damaged */
            damaged: string[];
            /** Format Version */
            format_version: number;
            /** Jobs */
            jobs: {
                [key: string]: number;
            };
            /** Kinds */
            kinds: {
                [key: string]: number;
            };
            /** Library */
            library: string;
            /** Library Id */
            library_id: string;
            /** Lookups Pending */
            lookups_pending: number;
            /** Models */
            models: number;
            network: components["schemas"]["NetworkJson"];
            /** Read Only */
            read_only: boolean;
            /** Roots */
            roots: components["schemas"]["RootJson"][];
            /** States */
            states: {
                [key: string]: number;
            };
            /** Trash */
            trash: number;
            /** Unfinished */
            unfinished: number;
        };
        /**
         * StorageJson
         * @description `groups` the largest first; `trash` is what emptying it would free, of models and of removed applications. Sizes are those of the files: what is
         *     shared or has holes takes less.
         */
        StorageJson: {
            /** Bytes */
            bytes: number;
            /** Groups */
            groups: components["schemas"]["UsageJson"][];
            /** Models */
            models: number;
            /** Roots */
            roots: {
                [key: string]: string;
            };
            /** Took Ms */
            took_ms: number;
            /** Trash */
            trash: number;
            /** Volumes */
            volumes: components["schemas"]["VolumeJson"][];
        };
        /**
         * SyncJson
         * @description What a sync did. `kept` and `excluded` count; `link preview` lists them.
         */
        SyncJson: {
            /** Accepted */
            accepted: string[];
            /** App */
            app: string;
            /** Conflicts */
            conflicts: components["schemas"]["ConflictJson"][];
            /** Discovered */
            discovered: components["schemas"]["DiscoveredJson"][];
            /** Excluded */
            excluded: number;
            /** Failed */
            failed: components["schemas"]["FailedLinkJson"][];
            /** Kept */
            kept: number;
            /** Left */
            left: components["schemas"]["LeftJson"][];
            /** Made */
            made: components["schemas"]["LinkJson"][];
            /** Profile */
            profile: string;
            /** Removed */
            removed: components["schemas"]["LinkJson"][];
            /** Resolved */
            resolved: components["schemas"]["ResolvedJson"][];
            /** Took Ms */
            took_ms: number;
            /** Warnings */
            warnings: components["schemas"]["CautionJson"][];
        };
        /**
         * TokenJson
         * @description The token for the Hub; itself it is never shown. `source` says where it is from and `where` which variable,
         *     keyring or file; `stored`: one is in the keyring, also when the environment's goes first; `keyring`: the
         *     name of the system's, None where there is none; `problem`: why what is there cannot be used.
         */
        TokenJson: {
            /** File */
            file: string;
            /** Keyring */
            keyring: string | null;
            /** Problem */
            problem: string;
            /**
             * Source
             * @enum {string}
             */
            source: "environment" | "keyring" | "file" | "none";
            /** Stored */
            stored: boolean;
            /** Where */
            where: string;
        };
        /**
         * TrashedAppJson
         * @description A version that was installed by us and removed. `name` is that of `app_restore` and `app_purge`;
         *     `restores_to`: where it was; `deleted`: the day, in UTC.
         */
        TrashedAppJson: {
            /** Deleted */
            deleted: string;
            /** Display */
            display: string;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /** Path */
            path: string;
            /** Restores To */
            restores_to: string;
            /** Size */
            size: number;
            /** Version */
            version: string;
        };
        /**
         * TrashedJson
         * @description A model in the trash: where it is, the day it was deleted, in UTC, and the bytes that a purge frees.
         */
        TrashedJson: {
            adapter_type: components["schemas"]["AdapterType"] | null;
            /** Added */
            added: string;
            /** Automatic */
            automatic: {
                [key: string]: components["schemas"]["AutomaticJson"];
            };
            container: components["schemas"]["Container"];
            /** Content Digest */
            content_digest: string;
            /** Deleted */
            deleted: string;
            /** Description */
            description: string | null;
            /** Dtype Histogram */
            dtype_histogram: {
                [key: string]: number;
            };
            /** Embedded */
            embedded: {
                [key: string]: string | number | boolean;
            };
            /** Evidence */
            evidence: {
                [key: string]: components["schemas"]["EvidenceJson"];
            };
            /** Family */
            family: string;
            /** Files */
            files: components["schemas"]["ModelFileJson"][];
            form: components["schemas"]["ModelForm"];
            /** Frees */
            frees: number;
            kind: components["schemas"]["Kind"];
            /** License */
            license: string | null;
            /** Lineage */
            lineage: string | null;
            match: components["schemas"]["MatchJson"];
            /** Missing Files */
            missing_files: string[];
            /** Model Id */
            model_id: string;
            /** Notes */
            notes: string | null;
            /** Official Name */
            official_name: string;
            /** Origin Path */
            origin_path: string | null;
            /** Parameter Count */
            parameter_count: number | null;
            /** Path */
            path: string;
            placement: components["schemas"]["PlacedBy"];
            /** Precision */
            precision: string | null;
            /** Preview */
            preview: string | null;
            reference: components["schemas"]["ReferenceJson"] | null;
            /** Schema Version */
            schema_version: number;
            security: components["schemas"]["SecurityJson"];
            /** Size */
            size: number;
            /** Slug */
            slug: string;
            /** Source Labels */
            source_labels: {
                [key: string]: string;
            };
            /** Sources */
            sources: components["schemas"]["SourceJson"][];
            /** Tags */
            tags: string[];
            /** Tasks */
            tasks: string[];
            /** Trigger Words */
            trigger_words: string[];
            /** Updated */
            updated: string;
            /** User Set */
            user_set: string[];
            /** Variant */
            variant: string | null;
        };
        /**
         * UndoJson
         * @description The words for `edit_models` that make some models as they were before it, unless they were edited since.
         */
        UndoJson: {
            /** As Left */
            as_left: string[];
            /** Assignments */
            assignments: string[];
            /** Model Ids */
            model_ids: string[];
            /** Unset */
            unset: string[];
        };
        /**
         * UntouchedLinkJson
         * @description A link that was left as it is.
         */
        UntouchedLinkJson: {
            /** App */
            app: string;
            /** Model Id */
            model_id: string;
            /** Path */
            path: string;
            /** Reason */
            reason: string;
        };
        /**
         * UploadJson
         * @description One file on its way. `received` bytes of `size` are here; `name` is how it is kept, relative to
         *     `directory`; `sha256` is there when it is `complete`.
         */
        UploadJson: {
            /** Batch */
            batch: string;
            /** Complete */
            complete: boolean;
            /** Directory */
            directory: string;
            /** Name */
            name: string;
            /** Received */
            received: number;
            /** Sha256 */
            sha256: string | null;
            /** Size */
            size: number;
            /** Upload Id */
            upload_id: string;
        };
        /**
         * UsageJson
         * @description Models of one kind, adapter type and family in one root, with the bytes of all their files.
         */
        UsageJson: {
            /** Adapter Type */
            adapter_type: string | null;
            /** Bytes */
            bytes: number;
            /** Family */
            family: string;
            /** Kind */
            kind: string;
            /** Models */
            models: number;
            /** Root Id */
            root_id: string;
        };
        /** VerifiedJson */
        VerifiedJson: {
            /** Bytes */
            bytes: number;
            /** Model Id */
            model_id: string;
            /** Problems */
            problems: components["schemas"]["ErrorJson"][];
        };
        /** VerifyArguments */
        VerifyArguments: {
            /**
             * Model Ids
             * @default []
             */
            model_ids?: string[];
        };
        /** VerifyJson */
        VerifyJson: {
            /** Bytes */
            bytes: number;
            /** Damaged */
            damaged: components["schemas"]["VerifiedJson"][];
            /** Intact */
            intact: string[];
            /** Offline */
            offline: string[];
            /** Took Ms */
            took_ms: number;
        };
        /** VerifyResultJson */
        VerifyResultJson: {
            document: components["schemas"]["VerifyJson"];
            /** Job Id */
            job_id: string;
            /**
             * Kind
             * @constant
             */
            kind: "verify";
        };
        /**
         * VersionRangesJson
         * @description Which versions of which kinds of applications a model may be linked into. `ranges` by kind, as PEP 440
         *     specifiers; `path`: the file that says so; with an `error` it cannot be read and the model is linked nowhere.
         */
        VersionRangesJson: {
            /** Apps */
            apps: components["schemas"]["RangeJson"][];
            error: components["schemas"]["ErrorJson"] | null;
            /** Model Id */
            model_id: string;
            /** Path */
            path: string;
            /** Ranges */
            ranges: {
                [key: string]: string;
            };
        };
        /**
         * VolumeJson
         * @description A mounted filesystem with what is free on it; `used` are the bytes of the library's models there.
         */
        VolumeJson: {
            /** Filesystem */
            filesystem: string;
            /** Free */
            free: number;
            /** Mount Point */
            mount_point: string;
            /** Roots */
            roots: string[];
            /** Total */
            total: number;
            /** Used */
            used: number;
        };
        /**
         * WarningJson
         * @description Something to know that is no error: `code` is stable, `message` says what, `hint` what is possible.
         */
        WarningJson: {
            /** Code */
            code: string;
            /** Hint */
            hint: string;
            /** Message */
            message: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    app_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppJson"][];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    app_add: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppAddArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppAddedJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    app_install: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppInstallArguments"];
            };
        };
        responses: {
            /** @description The job */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    app_remove: {
        parameters: {
            query?: {
                trash?: boolean;
            };
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppRemovedJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    app_edit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppEditArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    link_clean: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CleanJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    link_preview: {
        parameters: {
            query?: {
                model_ids?: string[] | null;
                prune?: boolean;
            };
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PreviewJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    link_replaced: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplacedJson"][];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    link_purge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkPurgeArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PutBackJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    link_put_back: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkPutBackArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PutBackJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    link_sync: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["LinkSyncArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    doctor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DoctorJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    download: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DownloadArguments"];
            };
        };
        responses: {
            /** @description The job */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    plan_download: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlanDownloadArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlannedDownloadJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    drives: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriveJson"][];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    set_drive_limit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetDriveLimitArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriveJson"][];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    events: {
        parameters: {
            query?: never;
            header?: {
                "last-event-id"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    files: {
        parameters: {
            query?: {
                path?: string;
                hidden?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FolderJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    first_run: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FirstRunJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    begin_library: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Beginning"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FirstRunJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    found_folders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundFolderJson"][];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    library_place: {
        parameters: {
            query?: {
                path?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlaceJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    fix_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["FixHealthArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    match_files: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MatchFilesArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MatchedJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    repository: {
        parameters: {
            query: {
                repo: string;
                revision?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RepositoryJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    find: {
        parameters: {
            query?: {
                query?: string;
                tags?: string[];
                author?: string | null;
                sort?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FindJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    import_models: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportModelsArguments"];
            };
        };
        responses: {
            /** @description The job */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    preview_import: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreviewImportArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    inspect: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InspectArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    app_find: {
        parameters: {
            query?: {
                path?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundAppJson"][];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    jobs: {
        parameters: {
            query?: {
                everything?: boolean;
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobsJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    forget_jobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": number;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    cancel_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    pause_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    prioritize_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PrioritizeJobArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    job_result: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportResultJson"] | components["schemas"]["DownloadResultJson"] | components["schemas"]["InstallResultJson"] | components["schemas"]["VerifyResultJson"] | components["schemas"]["ScanResultJson"] | components["schemas"]["LookupResultJson"] | components["schemas"]["CompareResultJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    resume_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    link_list: {
        parameters: {
            query?: {
                app?: string | null;
                model?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkJson"][];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    link_repair: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["LinkRepairArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RepairJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    look_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["LookUpArguments"];
            };
        };
        responses: {
            /** @description The job */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    list: {
        parameters: {
            query?: {
                adapter_type?: string | null;
                container?: string | null;
                family?: string | null;
                file?: string | null;
                form?: string | null;
                id?: string | null;
                kind?: string | null;
                license?: string | null;
                lineage?: string | null;
                match?: string | null;
                name?: string | null;
                precision?: string | null;
                root?: string | null;
                size?: string | null;
                state?: string | null;
                tags?: string | null;
                tasks?: string | null;
                tier?: string | null;
                variant?: string | null;
                sort?: components["schemas"]["Sort"];
                limit?: number | null;
                offset?: number;
                facets?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    edit_models: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditModelsArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EditedJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    delete: {
        parameters: {
            query?: {
                purge?: boolean;
                from_trash?: boolean;
            };
            header?: never;
            path: {
                model_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeletedJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    edit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["EditArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The picture */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": unknown;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    related_files: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RelatedJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    version_ranges: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionRangesJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    set_version_ranges: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetVersionRangesArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionRangesJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    network_status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    ask_again: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    profiles: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileJson"][];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    profile_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileDetailJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    profile_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileDetailJson"] | null;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    profile_edit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ProfileEditArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileEditJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    profile_preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ProfilePreviewArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileEditJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    job_limits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitsJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    set_job_limits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SetJobLimitsArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitsJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    run_jobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobsJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    roots: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RootJson"][];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    add_root: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddRootArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RootJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    relocate_root: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RelocateRootArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RelocationJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    remove_root: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                root_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RootJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    add_samples: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    scan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ScanArguments"];
            };
        };
        responses: {
            /** @description The job */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    search: {
        parameters: {
            query?: {
                query?: string;
                adapter_type?: string | null;
                container?: string | null;
                family?: string | null;
                file?: string | null;
                form?: string | null;
                id?: string | null;
                kind?: string | null;
                license?: string | null;
                lineage?: string | null;
                match?: string | null;
                name?: string | null;
                precision?: string | null;
                root?: string | null;
                size?: string | null;
                state?: string | null;
                tags?: string | null;
                tasks?: string | null;
                tier?: string | null;
                variant?: string | null;
                sort?: components["schemas"]["Sort"];
                limit?: number | null;
                offset?: number;
                facets?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingsJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    set_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SetSettingsArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingsJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    set_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetTokenArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingsJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    forget_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingsJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    storage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    compare_copy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompareCopyArguments"];
            };
        };
        responses: {
            /** @description The job */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    outside_copies: {
        parameters: {
            query?: {
                folders?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CopiesJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    trash: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrashedJson"][];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    empty_trash: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeletedJson"][];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    restore: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    app_trash: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrashedAppJson"][];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    app_purge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppPurgeArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PurgedAppsJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    app_restore: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppRestoreArguments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppAddedJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    uploads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadJson"][];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    announce_upload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Announcement"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    upload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    send_upload: {
        parameters: {
            query?: never;
            header?: {
                "content-range"?: string | null;
            };
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    cancel_upload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
    verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["VerifyArguments"];
            };
        };
        responses: {
            /** @description The job */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobJson"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemJson"];
                    "application/problem+json": components["schemas"]["ProblemJson"];
                };
            };
        };
    };
}
