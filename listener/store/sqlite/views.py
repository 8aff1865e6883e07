"""Views with plain names, for analysts and Datasette."""

from __future__ import annotations

VIEWS = (
    # Signals and parts are kept as lists beside what they explain: as tables of their own they cost
    # a third of all writing.
    """CREATE VIEW signals AS
        SELECT v.mention_id, v.brand, CAST(s.key AS INTEGER) + 1 AS n,
            json_extract(s.value, '$[0]') AS name,
            CAST(json_extract(s.value, '$[1]') AS INTEGER) AS "start",
            CAST(json_extract(s.value, '$[2]') AS INTEGER) AS "end",
            json_extract(s.value, '$[3]') AS text
        FROM verdicts v, json_each(v.signals) s""",
    """CREATE VIEW priority_parts AS
        SELECT c.case_id, CAST(p.key AS INTEGER) + 1 AS n,
            json_extract(p.value, '$[0]') AS name,
            CAST(json_extract(p.value, '$[1]') AS INTEGER) AS points,
            json_extract(p.value, '$[2]') AS reason
        FROM prices c, json_each(c.parts) p""",
    """CREATE VIEW queue AS
        SELECT c.id AS "case", c.brand, c.priority, c.state, c.lane, c.severity_band AS severity,
            c.vigilante, coalesce(nullif(m.handle, ''), m.author_name) AS author, m.title, m.text,
            (SELECT group_concat(CASE WHEN p.points >= 0 THEN '+' ELSE '' END || p.points || ' ' || p.reason,
                    '; ')
                FROM priority_parts p WHERE p.case_id = c.id) AS reasons,
            i.title AS issue, i.people AS issue_people, c.owner, c.opened_at, c.due_at,
            c.posts, m.source, m.url, m.sample
        FROM cases c
        JOIN mentions m ON m.id = c.mention_id
        LEFT JOIN issues i ON i.id = c.issue_id
        WHERE c.state NOT IN ('resolved', 'dismissed')
        ORDER BY c.priority DESC, c.id""",
    """CREATE VIEW complaints AS
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
        WHERE v.lane = 'complaint' AND m.deleted_at IS NULL""",
    """CREATE VIEW issue_summary AS
        SELECT i.id AS issue, i.brand, i.title, i.lane, i.state, i.people, i.mentions,
            (SELECT count(*) FROM cases c WHERE c.issue_id = i.id
                AND c.state NOT IN ('resolved', 'dismissed')) AS open_cases,
            i.first_seen, i.last_seen, m.text AS example, i.fixed_at, i.fix_note
        FROM issues i
        JOIN mentions m ON m.id = i.central_mention_id
        WHERE i.merged_into IS NULL AND i.mentions > 0
        ORDER BY i.people DESC, i.id""",
    """CREATE VIEW people_summary AS
        SELECT p.id AS person, p.name, group_concat(h.kind || ':' || h.handle, ', ') AS handles,
            max(h.followers) AS followers,
            sum((SELECT count(*) FROM mentions m WHERE m.author_id = h.author_id
                AND m.author_id <> '' AND m.kind = h.kind)) AS mentions,
            sum((SELECT count(*) FROM cases c WHERE c.author_id = h.author_id
                AND c.author_id <> '' AND c.kind = h.kind)) AS cases,
            p.first_seen_at, p.note
        FROM people p
        JOIN handles h ON h.person_id = p.id
        GROUP BY p.id""",
    """CREATE VIEW coverage AS
        SELECT r.source, h.health, h.since, h.reason, count(*) AS runs,
            sum(CASE r.outcome WHEN 'failed' THEN 1 ELSE 0 END) AS failed_runs, sum(r.seen) AS seen, sum(r.new) AS new,
            sum(r.edited) AS edited, sum(r.erased) AS erased, sum(r.rejected) AS rejected,
            min(r.oldest) AS oldest, max(r.newest) AS newest, max(r.finished_at) AS last_run_at,
            (SELECT count(*) FROM gaps g WHERE g.source = r.source) AS gaps
        FROM runs r
        LEFT JOIN source_health h ON h.source = r.source
        GROUP BY r.source, h.health, h.since, h.reason""",
)
