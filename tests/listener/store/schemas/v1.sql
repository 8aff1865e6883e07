BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'listener','2026-11-01 first tables','2026-11-22 13:24:24.478935+00:00');
CREATE TABLE calibrations (
        id INTEGER PRIMARY KEY,
        brand TEXT NOT NULL,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        setting TEXT NOT NULL,
        at TEXT NOT NULL,
        actor TEXT NOT NULL
    );
CREATE TABLE case_mentions (
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        brand TEXT NOT NULL,
        case_id INTEGER NOT NULL REFERENCES cases (id),
        PRIMARY KEY (mention_id, brand)
    ) WITHOUT ROWID;
INSERT INTO "case_mentions" VALUES(1,'Northgate',1);
INSERT INTO "case_mentions" VALUES(2,'Northgate',2);
INSERT INTO "case_mentions" VALUES(3,'Northgate',3);
CREATE TABLE cases (
        id INTEGER PRIMARY KEY,
        brand TEXT NOT NULL,
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        kind TEXT NOT NULL,
        author_id TEXT NOT NULL,
        issue_id INTEGER REFERENCES issues (id),
        lane TEXT NOT NULL,
        severity REAL NOT NULL,
        severity_band TEXT NOT NULL,
        vigilante TEXT NOT NULL,
        state TEXT NOT NULL,
        priority INTEGER NOT NULL DEFAULT 0,
        manual_priority INTEGER,
        owner TEXT NOT NULL DEFAULT '',
        lease_until TEXT,
        opened_at TEXT NOT NULL,
        due_at TEXT,
        last_at TEXT NOT NULL,
        snooze_until TEXT,
        resolution TEXT NOT NULL DEFAULT '',
        posts INTEGER NOT NULL DEFAULT 1,
        next_change_at TEXT,
        version INTEGER NOT NULL DEFAULT 1,
        wake_at TEXT GENERATED ALWAYS AS (
            CASE WHEN state IN ('resolved', 'dismissed') THEN NULL ELSE nullif(min(
                coalesce(next_change_at, '9999'),
                coalesce(CASE state WHEN 'answering' THEN lease_until END, '9999'),
                coalesce(CASE state WHEN 'snoozed' THEN snooze_until END, '9999')
            ), '9999') END
        ) VIRTUAL,
        UNIQUE (mention_id, brand)
    );
INSERT INTO "cases" VALUES(1,'Northgate',1,'files','ann',1,'complaint',2.299,'high','possible','answering',129,NULL,'ana','2026-11-22T13:44:32Z','2017-11-01T08:00:00Z','2017-11-01T09:00:00Z','2017-11-01T08:00:00Z',NULL,'',1,'2027-07-13T09:40:37Z',2);
INSERT INTO "cases" VALUES(2,'Northgate',2,'files','ben',1,'complaint',2.282,'high','possible','new',129,NULL,'',NULL,'2017-11-01T09:00:00Z','2017-11-01T10:00:00Z','2017-11-01T09:00:00Z',NULL,'',1,'2027-07-13T10:40:37Z',1);
INSERT INTO "cases" VALUES(3,'Northgate',3,'files','cleo',2,'question',0.512,'low','no','new',92,NULL,'',NULL,'2017-11-02T09:00:00Z','2017-11-02T17:00:00Z','2017-11-02T09:00:00Z',NULL,'',1,'2027-07-14T10:40:37Z',1);
CREATE TABLE corrections (
        id INTEGER PRIMARY KEY,
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        brand TEXT NOT NULL,
        field TEXT NOT NULL,
        was TEXT NOT NULL,
        is_now TEXT NOT NULL,
        actor TEXT NOT NULL,
        at TEXT NOT NULL,
        undone_at TEXT
    );
CREATE TABLE counters (
        brand TEXT NOT NULL,
        name TEXT NOT NULL,
        value INTEGER NOT NULL,
        PRIMARY KEY (brand, name)
    ) WITHOUT ROWID;
INSERT INTO "counters" VALUES('','mentions',5);
INSERT INTO "counters" VALUES('','pending',0);
INSERT INTO "counters" VALUES('Northgate','epoch',1);
INSERT INTO "counters" VALUES('Northgate','issues',4);
INSERT INTO "counters" VALUES('Northgate','judged',5);
INSERT INTO "counters" VALUES('Northgate','lane:complaint',2);
INSERT INTO "counters" VALUES('Northgate','lane:question',1);
INSERT INTO "counters" VALUES('Northgate','state:answering',1);
INSERT INTO "counters" VALUES('Northgate','state:new',2);
CREATE TABLE cursors (
        source TEXT PRIMARY KEY,
        cursor TEXT NOT NULL,
        at TEXT NOT NULL
    );
INSERT INTO "cursors" VALUES('import:posts.jsonl','{"posts.jsonl": {"size": 646, "head_bytes": 646, "head": "11401660c710cc626543543933257e08", "offset": 646, "line": 5, "tail_bytes": 113, "tail": "aaa21092c4ee0fc45396add0e452283d"}}','2026-11-22T13:24:24Z');
CREATE TABLE edits (
        id INTEGER PRIMARY KEY,
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        replaced_at TEXT NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL,
        stars REAL
    );
CREATE TABLE gaps (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        "start" TEXT,
        "end" TEXT,
        reason TEXT NOT NULL,
        found_at TEXT NOT NULL
    );
CREATE TABLE handles (
        kind TEXT NOT NULL,
        author_id TEXT NOT NULL,
        person_id INTEGER NOT NULL REFERENCES people (id),
        handle TEXT NOT NULL,
        name TEXT NOT NULL,
        followers INTEGER,
        PRIMARY KEY (kind, author_id)
    ) WITHOUT ROWID;
INSERT INTO "handles" VALUES('files','ann',1,'ann','',NULL);
INSERT INTO "handles" VALUES('files','ben',2,'ben','',NULL);
INSERT INTO "handles" VALUES('files','cleo',3,'cleo','',NULL);
INSERT INTO "handles" VALUES('files','dan',4,'dan','',NULL);
INSERT INTO "handles" VALUES('files','eve',5,'eve','',NULL);
CREATE TABLE history (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        entity TEXT NOT NULL,
        entity_id INTEGER NOT NULL,
        case_id INTEGER REFERENCES cases (id),
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '',
        undoes INTEGER REFERENCES history (id),
        undone_by INTEGER REFERENCES history (id)
    );
INSERT INTO "history" VALUES(1,'2026-11-22T13:24:32Z','ana','claim','case',1,1,'{"state":"new","owner":"","lease_until":null,"snooze_until":null}','{"state":"answering","owner":"ana","lease_until":"2026-11-22T13:44:32Z","snooze_until":null}','',NULL,NULL);
CREATE TABLE issue_people (
        issue_id INTEGER NOT NULL REFERENCES issues (id),
        kind TEXT NOT NULL,
        author_id TEXT NOT NULL,
        posts INTEGER NOT NULL,
        PRIMARY KEY (issue_id, kind, author_id)
    ) WITHOUT ROWID;
INSERT INTO "issue_people" VALUES(1,'files','ann',1);
INSERT INTO "issue_people" VALUES(1,'files','ben',1);
INSERT INTO "issue_people" VALUES(2,'files','cleo',1);
INSERT INTO "issue_people" VALUES(3,'files','dan',1);
INSERT INTO "issue_people" VALUES(4,'files','eve',1);
CREATE TABLE issues (
        id INTEGER PRIMARY KEY,
        brand TEXT NOT NULL,
        title TEXT NOT NULL DEFAULT '',
        titled_by TEXT NOT NULL DEFAULT '',
        phrases TEXT NOT NULL DEFAULT '[]',
        lane TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'open',
        mentions INTEGER NOT NULL DEFAULT 0,
        people INTEGER NOT NULL DEFAULT 0,
        lanes TEXT NOT NULL DEFAULT '{}',
        sources TEXT NOT NULL DEFAULT '{}',
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL,
        central_mention_id INTEGER NOT NULL REFERENCES mentions (id),
        merged_into INTEGER REFERENCES issues (id),
        fixed_at TEXT,
        fix_note TEXT NOT NULL DEFAULT '',
        version INTEGER NOT NULL DEFAULT 1
    );
INSERT INTO "issues" VALUES(1,'Northgate','Northgate charged me twice and nobody answers','','["phone third","northgate charged","nobody answers","twice"]','complaint','open',2,2,'{"complaint":2}','{"import:posts.jsonl":2}','2017-11-01T08:00:00Z','2017-11-01T09:00:00Z',1,NULL,NULL,'',1);
INSERT INTO "issues" VALUES(2,'Northgate','How do I change my address','','["change my address"]','question','open',1,1,'{"question":1}','{"import:posts.jsonl":1}','2017-11-02T09:00:00Z','2017-11-02T09:00:00Z',3,NULL,NULL,'',1);
INSERT INTO "issues" VALUES(3,'Northgate','Branch','','["northgate the branch"]','praise','open',1,1,'{"praise":1}','{"import:posts.jsonl":1}','2017-11-02T10:00:00Z','2017-11-02T10:00:00Z',4,NULL,NULL,'',1);
INSERT INTO "issues" VALUES(4,'Northgate','What a lovely day in the mountains','','["mountains"]','praise','open',1,1,'{"praise":1}','{"import:posts.jsonl":1}','2017-11-02T11:00:00Z','2017-11-02T11:00:00Z',5,NULL,NULL,'',1);
CREATE TABLE links (
        id INTEGER PRIMARY KEY,
        brand TEXT NOT NULL,
        rule TEXT NOT NULL,
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        other_mention_id INTEGER NOT NULL REFERENCES mentions (id),
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        history_id INTEGER REFERENCES history (id),
        undone_at TEXT
    );
CREATE TABLE memberships (
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        brand TEXT NOT NULL,
        issue_id INTEGER REFERENCES issues (id),
        created_at TEXT NOT NULL,
        similarity REAL NOT NULL,
        nearest INTEGER NOT NULL DEFAULT 0,
        duplicate_of INTEGER NOT NULL DEFAULT 0,
        placed_by TEXT NOT NULL DEFAULT '',
        after_edit INTEGER NOT NULL DEFAULT 0,
        erased_person INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (mention_id, brand)
    ) WITHOUT ROWID;
INSERT INTO "memberships" VALUES(1,'Northgate',1,'2017-11-01T08:00:00Z',1.0,0,0,'',0,0);
INSERT INTO "memberships" VALUES(2,'Northgate',1,'2017-11-01T09:00:00Z',0.851549747772017,1,0,'',0,0);
INSERT INTO "memberships" VALUES(3,'Northgate',2,'2017-11-02T09:00:00Z',1.0,0,0,'',0,0);
INSERT INTO "memberships" VALUES(4,'Northgate',3,'2017-11-02T10:00:00Z',1.0,0,0,'',0,0);
INSERT INTO "memberships" VALUES(5,'Northgate',4,'2017-11-02T11:00:00Z',1.0,0,0,'',0,0);
CREATE TABLE mentions (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        kind TEXT NOT NULL,
        external_id TEXT NOT NULL,
        created_at TEXT NOT NULL,
        author_id TEXT NOT NULL DEFAULT '',
        handle TEXT NOT NULL DEFAULT '',
        author_name TEXT NOT NULL DEFAULT '',
        followers INTEGER,
        title TEXT NOT NULL DEFAULT '',
        text TEXT NOT NULL,
        url TEXT NOT NULL DEFAULT '',
        lang TEXT NOT NULL DEFAULT '',
        thread_root TEXT NOT NULL DEFAULT '',
        thread_parent TEXT NOT NULL DEFAULT '',
        metrics TEXT NOT NULL DEFAULT '{}',
        sample INTEGER NOT NULL DEFAULT 0,
        brand TEXT NOT NULL DEFAULT '',
        seen_at TEXT NOT NULL,
        edited_at TEXT,
        deleted_at TEXT,
        UNIQUE (kind, external_id)
    );
INSERT INTO "mentions" VALUES(1,'import:posts.jsonl','files','1','2017-11-01T08:00:00Z','ann','ann','',NULL,'','Northgate charged me twice and nobody answers the phone, third time I ask','','','','','{}',0,'Northgate','2026-11-22T13:24:24Z',NULL,NULL);
INSERT INTO "mentions" VALUES(2,'import:posts.jsonl','files','2','2017-11-01T09:00:00Z','ben','ben','',NULL,'','Northgate charged me twice as well, no answer on the phone','','','','','{}',0,'Northgate','2026-11-22T13:24:24Z',NULL,NULL);
INSERT INTO "mentions" VALUES(3,'import:posts.jsonl','files','3','2017-11-02T09:00:00Z','cleo','cleo','',NULL,'','How do I change my address at Northgate?','','','','','{}',0,'Northgate','2026-11-22T13:24:24Z',NULL,NULL);
INSERT INTO "mentions" VALUES(4,'import:posts.jsonl','files','4','2017-11-02T10:00:00Z','dan','dan','',NULL,'','Thank you Northgate, the branch was wonderful','','','','','{}',0,'Northgate','2026-11-22T13:24:24Z',NULL,NULL);
INSERT INTO "mentions" VALUES(5,'import:posts.jsonl','files','5','2017-11-02T11:00:00Z','eve','eve','',NULL,'','What a lovely day in the mountains','','','','','{}',0,'Northgate','2026-11-22T13:24:24Z',NULL,NULL);
CREATE TABLE notices (
        id INTEGER PRIMARY KEY,
        issue_id INTEGER NOT NULL REFERENCES issues (id),
        kind TEXT NOT NULL,
        author_id TEXT NOT NULL,
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        text TEXT NOT NULL,
        state TEXT NOT NULL,
        at TEXT NOT NULL,
        told_at TEXT,
        UNIQUE (issue_id, kind, author_id)
    );
CREATE TABLE outbox (
        id INTEGER PRIMARY KEY,
        idempotency_key TEXT NOT NULL UNIQUE,
        reply_id INTEGER REFERENCES replies (id),
        notice_id INTEGER REFERENCES notices (id),
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        not_before TEXT,
        sent_at TEXT,
        answer TEXT NOT NULL DEFAULT ''
    );
CREATE TABLE pending (mention_id INTEGER PRIMARY KEY REFERENCES mentions (id));
CREATE TABLE people (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        first_seen_at TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT ''
    );
INSERT INTO "people" VALUES(1,'ann','2017-11-01T08:00:00Z','');
INSERT INTO "people" VALUES(2,'ben','2017-11-01T09:00:00Z','');
INSERT INTO "people" VALUES(3,'cleo','2017-11-02T09:00:00Z','');
INSERT INTO "people" VALUES(4,'dan','2017-11-02T10:00:00Z','');
INSERT INTO "people" VALUES(5,'eve','2017-11-02T11:00:00Z','');
CREATE TABLE prices (
        case_id INTEGER PRIMARY KEY REFERENCES cases (id),
        parts TEXT NOT NULL
    );
INSERT INTO "prices" VALUES(1,'[["lane",20,"a complaint"],["severity",23,"severity high (2.3 of 4)"],["vigilante",6,"possibly left the official channel to complain in public"],["issue",3,"shared by 2 people or more"],["waiting",57,"waiting since 1 Nov 2017 08:00 UTC"],["promise",20,"long overdue: promised by 1 Nov 2017 09:00 UTC"]]');
INSERT INTO "prices" VALUES(2,'[["lane",20,"a complaint"],["severity",23,"severity high (2.3 of 4)"],["vigilante",6,"possibly left the official channel to complain in public"],["issue",3,"shared by 2 people or more"],["waiting",57,"waiting since 1 Nov 2017 09:00 UTC"],["promise",20,"long overdue: promised by 1 Nov 2017 10:00 UTC"]]');
INSERT INTO "prices" VALUES(3,'[["lane",10,"a question"],["severity",5,"severity low (0.5 of 4)"],["waiting",57,"waiting since 2 Nov 2017 09:00 UTC"],["promise",20,"long overdue: promised by 2 Nov 2017 17:00 UTC"]]');
CREATE TABLE regroupings (
        history_id INTEGER NOT NULL REFERENCES history (id),
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        brand TEXT NOT NULL,
        from_issue_id INTEGER NOT NULL REFERENCES issues (id),
        to_issue_id INTEGER NOT NULL REFERENCES issues (id),
        placed_by TEXT NOT NULL,
        PRIMARY KEY (history_id, mention_id, brand)
    ) WITHOUT ROWID;
CREATE TABLE rejections (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES runs (id),
        source TEXT NOT NULL,
        at TEXT NOT NULL,
        reason TEXT NOT NULL
    );
CREATE TABLE replies (
        id INTEGER PRIMARY KEY,
        case_id INTEGER NOT NULL REFERENCES cases (id),
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        state TEXT NOT NULL,
        author TEXT NOT NULL,
        at TEXT NOT NULL,
        version INTEGER NOT NULL DEFAULT 1
    );
CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        started_at TEXT NOT NULL,
        finished_at TEXT,
        outcome TEXT NOT NULL DEFAULT 'running',
        seen INTEGER NOT NULL DEFAULT 0,
        new INTEGER NOT NULL DEFAULT 0,
        edited INTEGER NOT NULL DEFAULT 0,
        erased INTEGER NOT NULL DEFAULT 0,
        rejected INTEGER NOT NULL DEFAULT 0,
        oldest TEXT,
        newest TEXT,
        note TEXT NOT NULL DEFAULT ''
    );
INSERT INTO "runs" VALUES(1,'import:posts.jsonl','2026-11-22T13:24:24Z','2026-11-22T13:24:28Z','ok',5,5,0,0,0,'2017-11-01T08:00:00Z','2017-11-02T11:00:00Z','');
CREATE TABLE source_health (
        source TEXT PRIMARY KEY,
        health TEXT NOT NULL,
        since TEXT NOT NULL,
        reason TEXT NOT NULL,
        last_attempt_at TEXT,
        last_success_at TEXT,
        failures INTEGER NOT NULL DEFAULT 0,
        retry_at TEXT
    );
CREATE TABLE vectors (
        mention_id INTEGER PRIMARY KEY REFERENCES mentions (id),
        model TEXT NOT NULL,
        vector BLOB NOT NULL
    );
INSERT INTO "vectors" VALUES(1,'static-minilm-1',X'0481EB2400B2F8412709F927E6A725C3CE06E5DBD42EEECD0123E32C27E108FFEBEF1CF1EF15FD0CD8F3FFD8373222E12C0A161C4EDFE5D0DF45F1D8263EE2C7FD1CFA02E6C7DD3212F0030730ED1A04C708CE0AED0B070E070DFDDFD11EF30EDD0A120E0D0102EC1508F405ED1EF81308DCF3DF0DD907012EFDEF14DFD818350DF93A0DE2F00209F5F3FF14D70B1302E8F6E7E229F21CEC1F15E9F4FE0BFDF6F91E24ED0B1A07ED06DE061B360A051B31DBFDF314F2F4E604FD0200ED0101FD04FCF91D0713FE1DFC200CEBFAF1EBE51108DD060814EDEEF5010B14F40D0D10FB1AE61C08E8FE11090B18FEF3030A1F05F9EFF4F103140DEF13FEFEFFFC09F1');
INSERT INTO "vectors" VALUES(2,'static-minilm-1',X'0081D826E8B512462513ED32F9A908DCBB13E2E0DE25CBE5042CC12319C80ED9F8E1EFFDE2F40FFBC5F007E7441424E5231DF8405CF1F0CBEE4714D71A2CEFE9F51BEA09DECCF43A1E05F1F63DF11D01EF04D31BF517FC1100F811EFE509F123E2F211240FFE16E72717FA02FC19F21B14C5E0E4FBEEF80B250DE910E5CDFA0E0B082F0AE3FAF217F8F3FE02DDFDF801ECF7F0F516E423F70D03E3EE0B0CF204F61C11F5F30417F0FBF30B202628F7121BE20CEC1105FE06F7FF11F014F8FEF3FA07F026EF0C0121FF1AF5F7F2F5F3F0FC0BF2040500EAF3E4FF0A0E000A0511F61BF61010F2FB0301FF15EDFD0C0614FD02EAFAE305140DF305EBFFFC0404FB');
INSERT INTO "vectors" VALUES(3,'static-minilm-1',X'0781F766C8E3D2BA42F4EEC9CCBDF9F999EECC172D25E3D0F520E7CBE9F3FB28086CFBF0FCDF3619D7FB0012E7C718D71B3701180C0DE0DDEF23F4C60BEAF4E60407FEFDDAE711CA1A16F90333EFE6F003BE330D230B1D07F4E3DA08C5F80F10FD09070DE6053DD829E2FF1A1A03FA1C10D2F6F3210E09F9F918F11BEDF0D4F9200DE5F3D9E7D22BFC10EC1DF7FB05E7F40ED8101DFC0A0E0505D2FB12FD0CFB0A20ED0D0613060815F4FB081C0504132AF5F91704F2DC00F80F1AE6FB1DFEF7FC01FAF4ECF20A1708FE0B09FAFFFA04EBFEEE09191CFFFDF5E9FBFF0F0B2509F20AF0ED1AF6E9E602FC2306FB16091E05FEF3F202061501000706FB10F00CF8');
INSERT INTO "vectors" VALUES(4,'static-minilm-1',X'35C9E87F2AF809A914C6D2C5F5EEE4FC6C0BDE40055027DD3AF2C7B1C7DCF03EE231F80BF6002AFDCDF1F206E0EE04010D50B7113D0919F1FB1E1FEE051810031D1904D8EB13D4022B0218004AF532DBEFCAF1260D0DF52FE0040FE8EE27042205090C06D323333D1323F10CE9180A201FE4FFE9FB0CEB0C0819EB09D8EDF7311801F2FB0202F4F41313EBF7F9FDD7E821DFE91A1BF44B0610E3F2E90501E4FEDB0E08EFDE1D1AEF0A0518F20E11F8D43B07E7E40103DDFCD1FFFEF9191401F403150015F211FD100E0C15E2E2FC0AF1EFEEDFFF0B191813F2E519011804ED15FC1C07001806F605FAFF1A090515FC1E0904F4EF061A38FF0112080101F8FC12');
INSERT INTO "vectors" VALUES(5,'static-minilm-1',X'27412E7F49F1DBE3D4259CEA432836FC4152B127E22009C8FAEBEEDD46F5F8414EECC8BEBFBDDB29CEF323EEF2EF0D0AF51D1B09010D39F3DD29FFD8ECF2F7D82813F8F4EE38ECF2E214C6170D231317F0F50004141ECE0E14F6E1F1DFC700DD09EE1110FFE2180F0B16FF05FF2AFF0C0DF4F94A02180105FFDE11F3F6F90F2CE70D2001D304FAEA06EBF50E2BF6FB1BE9202F040518080820EB0CEF1DEF0031F80EF5E6E713110DF4F31FF9010EFAE0081EDE01E70919F2FFEEFB0EF503EDF91D01EDFBFE1A1DF6FDFB0405F31401F7E2F6E9F0010B0B0904FF0806F72002081EFA1606021302F1FAFEEEF20B0A0FE00DE902FA03060AFB0F08FCF70E08031A');
CREATE TABLE verdicts (
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        brand TEXT NOT NULL,
        version TEXT NOT NULL,
        lang TEXT NOT NULL,
        lane TEXT NOT NULL,
        severity REAL NOT NULL,
        severity_band TEXT NOT NULL,
        complaint_p REAL NOT NULL,
        complaint TEXT NOT NULL,
        vigilante TEXT NOT NULL,
        sentiment TEXT NOT NULL,
        compound REAL NOT NULL,
        service_compound REAL NOT NULL,
        words TEXT NOT NULL,
        signals TEXT NOT NULL,
        lanes TEXT NOT NULL,
        vigilante_reasons TEXT NOT NULL,
        reasons TEXT NOT NULL,
        muted_by TEXT NOT NULL,
        matched TEXT NOT NULL,
        judged_at TEXT NOT NULL,
        PRIMARY KEY (mention_id, brand)
    ) WITHOUT ROWID;
INSERT INTO "verdicts" VALUES(1,'Northgate','judge-2026-11-1','en','complaint',2.299,'high',0.9385,'likely','possible','negative',-0.2023,-0.3818,'[["charged",-0.8],["nobody",-0.8]]','[["billing",10,20,"charged me"],["repeated",21,26,"twice"],["no_answer",31,45,"nobody answers"]]','[["complaint",0.9385],["question",0.0911],["idea",0.0691],["praise",0.0073],["other",0.0517]]','["left the official channel: “nobody answers”","more than once, or for long: “twice”"]','[["lane","nobody answers: “nobody answers”"],["lane","is about a charge or a bill: “charged me”"],["lane","it happened again and again: “twice”"],["lane","reads as negative: “charged”, “nobody”"],["severity","high: about 2.3 of 4 by what it says"],["vigilante","possible: left the official channel: “nobody answers”"],["vigilante","possible: more than once, or for long: “twice”"]]','[]','taken in for this brand','2026-11-22T13:24:28Z');
INSERT INTO "verdicts" VALUES(2,'Northgate','judge-2026-11-1','en','complaint',2.282,'high',0.9366,'likely','possible','negative',-0.2263,-0.3612,'[["charged",-0.8],["well",1.1],["no answer",-1.8]]','[["billing",10,20,"charged me"],["repeated",21,26,"twice"],["no_answer",36,45,"no answer"]]','[["complaint",0.9366],["question",0.0911],["idea",0.0691],["praise",0.0076],["other",0.0532]]','["left the official channel: “no answer”","more than once, or for long: “twice”"]','[["lane","nobody answers: “no answer”"],["lane","is about a charge or a bill: “charged me”"],["lane","it happened again and again: “twice”"],["lane","reads as negative: “no answer”, “charged”"],["severity","high: about 2.3 of 4 by what it says"],["vigilante","possible: left the official channel: “no answer”"],["vigilante","possible: more than once, or for long: “twice”"]]','[]','taken in for this brand','2026-11-22T13:24:28Z');
INSERT INTO "verdicts" VALUES(3,'Northgate','judge-2026-11-1','en','question',0.512,'low',0.3092,'no','no','neutral',0.0,0.0,'[]','[["question",0,8,"How do I"]]','[["complaint",0.3092],["question",0.9526],["idea",0.0691],["praise",0.0266],["other",0.0297]]','[]','[["lane","asks something: “How do I”"]]','[]','taken in for this brand','2026-11-22T13:24:28Z');
INSERT INTO "verdicts" VALUES(4,'Northgate','judge-2026-11-1','en','praise',0.254,'none',0.0886,'no','no','positive',0.7351,0.7717,'[["thank you",2.0],["wonderful",2.7]]','[["thanks",0,9,"Thank you"],["praise",36,45,"wonderful"]]','[["complaint",0.0886],["question",0.0691],["idea",0.0691],["praise",0.8862],["other",0.0899]]','[]','[["lane","praises: “wonderful”"],["lane","says thank you: “Thank you”"]]','[]','taken in for this brand','2026-11-22T13:24:28Z');
INSERT INTO "verdicts" VALUES(5,'Northgate','judge-2026-11-1','en','praise',0.219,'none',0.0939,'no','no','positive',0.5859,0.5859,'[["lovely",2.8]]','[["praise",7,13,"lovely"]]','[["complaint",0.0939],["question",0.0911],["idea",0.0691],["praise",0.6471],["other",0.2705]]','[]','[["lane","praises: “lovely”"]]','[]','taken in for this brand','2026-11-22T13:24:28Z');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX mentions_by_time ON mentions (created_at);
CREATE INDEX mentions_by_author ON mentions (author_id, kind) WHERE author_id <> '';
CREATE INDEX edits_of_mention ON edits (mention_id);
CREATE INDEX runs_of_source ON runs (source, id);
CREATE INDEX issues_by_people ON issues (people DESC, id);
CREATE INDEX memberships_of_issue ON memberships (issue_id, created_at);
CREATE INDEX links_of_history ON links (history_id);
CREATE INDEX cases_in_queue ON cases (brand, state, priority DESC, id, lane, vigilante);
CREATE INDEX cases_of_owner ON cases (owner, state, priority DESC, id) WHERE owner <> '';
CREATE INDEX cases_of_person ON cases (author_id, kind, brand) WHERE author_id <> '';
CREATE INDEX cases_of_issue ON cases (issue_id, state) WHERE issue_id IS NOT NULL;
CREATE INDEX cases_to_wake ON cases (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX mentions_of_case ON case_mentions (case_id);
CREATE INDEX replies_of_case ON replies (case_id);
CREATE INDEX history_of_case ON history (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX handles_of_person ON handles (person_id);
CREATE INDEX notices_of_mention ON notices (mention_id);
CREATE VIEW signals AS
        SELECT v.mention_id, v.brand, s.key + 1 AS n, json_extract(s.value, '$[0]') AS name,
            json_extract(s.value, '$[1]') AS "start", json_extract(s.value, '$[2]') AS "end",
            json_extract(s.value, '$[3]') AS text
        FROM verdicts v, json_each(v.signals) s;
CREATE VIEW priority_parts AS
        SELECT c.case_id, p.key + 1 AS n, json_extract(p.value, '$[0]') AS name,
            json_extract(p.value, '$[1]') AS points, json_extract(p.value, '$[2]') AS reason
        FROM prices c, json_each(c.parts) p;
CREATE VIEW queue AS
        SELECT c.id AS "case", c.brand, c.priority, c.state, c.lane, c.severity_band AS severity,
            c.vigilante, coalesce(nullif(m.handle, ''), m.author_name) AS author, m.title, m.text,
            (SELECT group_concat(printf('%+d %s', p.points, p.reason), '; ')
                FROM priority_parts p WHERE p.case_id = c.id) AS reasons,
            i.title AS issue, i.people AS issue_people, c.owner, c.opened_at, c.due_at,
            c.posts, m.source, m.url, m.sample
        FROM cases c
        JOIN mentions m ON m.id = c.mention_id
        LEFT JOIN issues i ON i.id = c.issue_id
        WHERE c.state NOT IN ('resolved', 'dismissed')
        ORDER BY c.priority DESC, c.id;
CREATE VIEW complaints AS
        SELECT m.id AS mention, v.brand, m.created_at, m.source,
            coalesce(nullif(m.handle, ''), m.author_name) AS author, m.title, m.text, v.severity,
            v.severity_band, v.vigilante, v.sentiment,
            (SELECT group_concat(DISTINCT s.name) FROM signals s
                WHERE s.mention_id = m.id AND s.brand = v.brand) AS signals,
            i.id AS issue_id, i.title AS issue, m.url, m.sample
        FROM verdicts v
        JOIN mentions m ON m.id = v.mention_id
        LEFT JOIN memberships g ON g.mention_id = v.mention_id AND g.brand = v.brand
        LEFT JOIN issues i ON i.id = g.issue_id
        WHERE v.lane = 'complaint' AND m.deleted_at IS NULL;
CREATE VIEW issue_summary AS
        SELECT i.id AS issue, i.brand, i.title, i.lane, i.state, i.people, i.mentions,
            (SELECT count(*) FROM cases c WHERE c.issue_id = i.id
                AND c.state NOT IN ('resolved', 'dismissed')) AS open_cases,
            i.first_seen, i.last_seen, m.text AS example, i.fixed_at, i.fix_note
        FROM issues i
        JOIN mentions m ON m.id = i.central_mention_id
        WHERE i.merged_into IS NULL AND i.mentions > 0
        ORDER BY i.people DESC, i.id;
CREATE VIEW people_summary AS
        SELECT p.id AS person, p.name, group_concat(h.kind || ':' || h.handle, ', ') AS handles,
            max(h.followers) AS followers,
            sum((SELECT count(*) FROM mentions m WHERE m.author_id = h.author_id
                AND m.author_id <> '' AND m.kind = h.kind)) AS mentions,
            sum((SELECT count(*) FROM cases c WHERE c.author_id = h.author_id
                AND c.author_id <> '' AND c.kind = h.kind)) AS cases,
            p.first_seen_at, p.note
        FROM people p
        JOIN handles h ON h.person_id = p.id
        GROUP BY p.id;
CREATE VIEW coverage AS
        SELECT r.source, h.health, h.since, h.reason, count(*) AS runs,
            sum(r.outcome = 'failed') AS failed_runs, sum(r.seen) AS seen, sum(r.new) AS new,
            sum(r.edited) AS edited, sum(r.erased) AS erased, sum(r.rejected) AS rejected,
            min(r.oldest) AS oldest, max(r.newest) AS newest, max(r.finished_at) AS last_run_at,
            (SELECT count(*) FROM gaps g WHERE g.source = r.source) AS gaps
        FROM runs r
        LEFT JOIN source_health h ON h.source = r.source
        GROUP BY r.source;
CREATE VIRTUAL TABLE mention_search USING fts5(
        title, text, handle, content = 'mentions', content_rowid = 'id', columnsize = 0,
        tokenize = 'unicode61 remove_diacritics 2'
    );
INSERT INTO mention_search (rowid, title, text, handle) SELECT id, title, text, handle FROM mentions;
COMMIT;
PRAGMA user_version = 1;
PRAGMA application_id = 1280529486;
