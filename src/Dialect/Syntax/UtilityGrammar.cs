namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>
/// The grammar of administrative statements that are kept as text. Each rule is a line: words in capitals are keywords, others are parts
/// that <see cref="Parser"/> knows; [ x ] may be missing, [ x ]* may stand several times, &lt; a | b &gt; is a choice, and ,+ behind a part
/// or a choice makes it a list with commas.
/// </summary>
internal static class UtilityGrammar
{
    private const string Changes = "SET | ADD | DROP";

    private const string Language = "LANGUAGE name [ HANDLER anyname [ INLINE anyname ] [ < VALIDATOR anyname | NO VALIDATOR > ] ]";

    private const string Transform =
        "FOR type LANGUAGE name ( < FROM SQL WITH FUNCTION function [ , TO SQL WITH FUNCTION function ] | TO SQL WITH FUNCTION function"
        + " [ , FROM SQL WITH FUNCTION function ] > )";

    private const string DefaultPrivileges =
        "ALTER DEFAULT PRIVILEGES [ < IN SCHEMA name,+ | FOR ROLE roles | FOR USER roles > ]* < GRANT privileges ON kinds TO grantees [ WITH GRANT OPTION ]"
        + " | REVOKE [ GRANT OPTION FOR ] privileges ON kinds FROM grantees [ < CASCADE | RESTRICT > ] >";

    private const string PublicationObject =
        "< TABLES IN SCHEMA schema | TABLE relation [ columns ] [ WHERE condition ] | CURRENT_SCHEMA | relation [ columns ] [ WHERE condition ] >,+";

    private static readonly (string Command, string Rule)[] s_rules =
    [
        ("CREATE ACCESS METHOD", "CREATE ACCESS METHOD name TYPE < INDEX | TABLE > HANDLER anyname"),
        ("CREATE ASSERTION", "CREATE ASSERTION anyname CHECK condition"),
        ("CREATE CAST", "CREATE CAST ( type AS type ) < WITH FUNCTION function | WITHOUT FUNCTION | WITH INOUT > [ AS < ASSIGNMENT | IMPLICIT > ]"),
        ("CREATE CONVERSION", "CREATE CONVERSION anyname FOR string TO string FROM anyname"),
        ("CREATE CONVERSION", "CREATE DEFAULT CONVERSION anyname FOR string TO string FROM anyname"),
        ("CREATE DATABASE", "CREATE DATABASE name [ WITH ] [ databaseoption ]*"),
        ("CREATE EVENT TRIGGER",
            "CREATE EVENT TRIGGER name ON label [ WHEN eventfilter [ AND eventfilter ]* ] EXECUTE < FUNCTION | PROCEDURE > funcname ( )"),
        ("CREATE FOREIGN DATA WRAPPER", "CREATE FOREIGN DATA WRAPPER name [ wrapperoption ]* [ options ]"),
        ("CREATE LANGUAGE", "CREATE " + Language),
        ("CREATE LANGUAGE", "CREATE PROCEDURAL " + Language),
        ("CREATE LANGUAGE", "CREATE TRUSTED [ PROCEDURAL ] " + Language),
        ("CREATE LANGUAGE", "CREATE OR REPLACE " + Language),
        ("CREATE LANGUAGE", "CREATE OR REPLACE PROCEDURAL " + Language),
        ("CREATE LANGUAGE", "CREATE OR REPLACE TRUSTED [ PROCEDURAL ] " + Language),
        ("CREATE OPERATOR CLASS", "CREATE OPERATOR CLASS anyname [ DEFAULT ] FOR TYPE type USING name [ FAMILY anyname ] AS classitem,+"),
        ("CREATE OPERATOR FAMILY", "CREATE OPERATOR FAMILY anyname USING name"),
        ("CREATE PUBLICATION", "CREATE PUBLICATION name [ FOR < ALL TABLES | " + PublicationObject + " > ] [ WITH definition ]"),
        ("CREATE SERVER",
            "CREATE SERVER [ IF NOT EXISTS ] name [ TYPE string ] [ VERSION < string | NULL > ] FOREIGN DATA WRAPPER name [ options ]"),
        ("CREATE STATISTICS", "CREATE STATISTICS [ IF NOT EXISTS ] anyname [ ( name,+ ) ] ON statistic,+ FROM table,+"),
        ("CREATE SUBSCRIPTION", "CREATE SUBSCRIPTION name CONNECTION string PUBLICATION label,+ [ WITH definition ]"),
        ("CREATE TABLESPACE", "CREATE TABLESPACE name [ OWNER role ] LOCATION string [ WITH reloptions ]"),
        ("CREATE TRANSFORM", "CREATE TRANSFORM " + Transform),
        ("CREATE TRANSFORM", "CREATE OR REPLACE TRANSFORM " + Transform),
        ("CREATE USER MAPPING", "CREATE USER MAPPING [ IF NOT EXISTS ] FOR < USER | role > SERVER name [ options ]"),
        ("ALTER COLLATION", "ALTER COLLATION anyname REFRESH VERSION"),
        ("ALTER DATABASE",
            "ALTER DATABASE name < SET TABLESPACE name | REFRESH COLLATION VERSION | setting | [ WITH ] [ databaseoption ]* >"),
        ("ALTER DEFAULT PRIVILEGES", DefaultPrivileges),
        ("ALTER EVENT TRIGGER", "ALTER EVENT TRIGGER name < ENABLE [ < REPLICA | ALWAYS > ] | DISABLE >"),
        ("ALTER FOREIGN DATA WRAPPER", "ALTER FOREIGN DATA WRAPPER name < wrapperoption [ wrapperoption ]* [ changes ] | changes >"),
        ("ALTER OPERATOR", "ALTER OPERATOR operator SET definition"),
        ("ALTER OPERATOR FAMILY", "ALTER OPERATOR FAMILY anyname USING name < ADD classitem,+ | DROP classdrop,+ >"),
        ("ALTER PUBLICATION", "ALTER PUBLICATION name < SET definition | < " + Changes + " > " + PublicationObject + " >"),
        ("ALTER SERVER", "ALTER SERVER name < VERSION < string | NULL > [ changes ] | changes >"),
        ("ALTER STATISTICS", "ALTER STATISTICS [ IF EXISTS ] anyname SET STATISTICS integer"),
        ("ALTER SUBSCRIPTION",
            "ALTER SUBSCRIPTION name < SET definition | CONNECTION string | REFRESH PUBLICATION [ WITH definition ] | ENABLE | DISABLE | SKIP definition"
            + " | < " + Changes + " > PUBLICATION label,+ [ WITH definition ] >"),
        ("ALTER SYSTEM", "ALTER SYSTEM < SET plainsetting | RESET settingname >"),
        ("ALTER TABLESPACE", "ALTER TABLESPACE name < SET reloptions | RESET reloptions >"),
        ("ALTER TEXT SEARCH CONFIGURATION",
            "ALTER TEXT SEARCH CONFIGURATION anyname < ADD MAPPING FOR name,+ WITH anyname,+ | ALTER MAPPING < FOR name,+ < WITH anyname,+ | REPLACE anyname"
            + " WITH anyname > | REPLACE anyname WITH anyname > | DROP MAPPING [ IF EXISTS ] FOR name,+ >"),
        ("ALTER TEXT SEARCH DICTIONARY", "ALTER TEXT SEARCH DICTIONARY anyname definition"),
        ("ALTER TYPE", "ALTER TYPE anyname SET definition"),
        ("ALTER USER MAPPING", "ALTER USER MAPPING FOR < USER | role > SERVER name changes"),
        ("DROP OWNED", "DROP OWNED BY roles [ < CASCADE | RESTRICT > ]"),
        ("DROP USER MAPPING", "DROP USER MAPPING [ IF EXISTS ] FOR < USER | role > SERVER name"),
        ("IMPORT FOREIGN SCHEMA",
            "IMPORT FOREIGN SCHEMA name [ < LIMIT TO | EXCEPT > ( relation,+ ) ] FROM SERVER name INTO name [ options ]"),
        ("REASSIGN OWNED", "REASSIGN OWNED BY roles TO role"),
        ("SECURITY LABEL", "SECURITY LABEL [ FOR < string | word > ] ON object IS < string | NULL >"),
    ];

    public static IReadOnlyList<(string Command, Element[] Elements)> Rules { get; } =
        [.. s_rules.Select(r => (r.Command, new Reader(r.Rule).ReadAll()))];

    internal enum ElementKind : byte
    {
        Keyword,
        Token,
        Part,
        Sequence,
        Optional,
        Repeated,
        Choice,
        List,
    }

    /// <summary>A piece of a rule.</summary>
    /// <param name="Name">The name of a part.</param>
    /// <param name="Items">The pieces of a sequence, the alternatives of a choice, or what is optional, repeated or listed.</param>
    internal sealed record Element(ElementKind Kind, Keyword Keyword = default, TokenKind Token = default, string Name = "", Element[]? Items = null);

    private sealed class Reader(string rule)
    {
        private readonly string[] _words = rule.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        private int _at;

        public Element[] ReadAll()
        {
            var elements = ReadUntil();
            return _at == _words.Length ? elements : throw new InvalidOperationException(rule);
        }

        private Element[] ReadUntil()
        {
            var elements = new List<Element>();
            while (_at < _words.Length && _words[_at] is not ("]" or "]*" or "|" or ">" or ">,+"))
            {
                elements.Add(ReadOne());
            }

            return [.. elements];
        }

        private Element ReadOne()
        {
            var word = _words[_at++];
            switch (word)
            {
                case "[":
                    var inner = ReadUntil();
                    return new Element(_words[_at++] == "]" ? ElementKind.Optional : ElementKind.Repeated, Items: inner);
                case "<":
                    var choices = new List<Element>();
                    do
                    {
                        choices.Add(new Element(ElementKind.Sequence, Items: ReadUntil()));
                    }
                    while (_words[_at++] == "|");
                    var choice = new Element(ElementKind.Choice, Items: [.. choices]);
                    return _words[_at - 1] == ">,+" ? new Element(ElementKind.List, Items: [choice]) : choice;
                case "(":
                    return new Element(ElementKind.Token, Token: TokenKind.OpenParen);
                case ")":
                    return new Element(ElementKind.Token, Token: TokenKind.CloseParen);
                case ",":
                    return new Element(ElementKind.Token, Token: TokenKind.Comma);
            }

            if (word.EndsWith(",+", StringComparison.Ordinal))
            {
                return new Element(ElementKind.List, Items: [new Element(ElementKind.Part, Name: word[..^2])]);
            }

            return char.IsAsciiLetterUpper(word[0])
                ? new Element(ElementKind.Keyword, Keywords.Find(word) is var keyword && keyword != Keyword.NoKeyword
                    ? keyword : throw new InvalidOperationException(word))
                : new Element(ElementKind.Part, Name: word);
        }
    }
}
