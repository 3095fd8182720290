namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>COPY, LOCK, TRUNCATE, VACUUM and other statements about stored data.</summary>
public sealed partial class Parser
{
    private CopyStatement ParseCopy()
    {
        var location = Here;
        Advance();
        var options = new List<Option>();
        if (At(TokenKind.OpenParen))
        {
            Advance();
            Enter(QueryLevels);
            var query = ParsePreparable();
            Leave(QueryLevels);
            Expect(TokenKind.CloseParen);
            Expect(Keyword.To);
            var (program, file) = ParseCopyFile(Here);
            ParseCopyOptions(options);
            return new CopyStatement(location, null, [], query, false, program, file, ListOf(options), null);
        }

        var binary = Here;
        if (At(Keyword.Binary))
        {
            Advance();
            options.Add(new Option(binary, null, "format", new Constant(binary, ConstantKind.String, "binary")));
        }

        var table = ParseQualifiedName();
        var columns = ParseOptionalColumns();
        var from = Accept(Keyword.From);
        if (!from)
        {
            Expect(Keyword.To);
        }

        var (tableProgram, tableFile) = ParseCopyFile();
        var delimiter = Here;
        if (At(Keyword.Using) || At(Keyword.Delimiters))
        {
            Accept(Keyword.Using);
            Expect(Keyword.Delimiters);
            options.Add(new Option(delimiter, null, "delimiter", StringValue()));
        }

        ParseCopyOptions(options);
        var whereLocation = Here;
        var where = Accept(Keyword.Where) ? ParseExpression() : null;
        if (where is not null && !from)
        {
            throw Error("WHERE clause not allowed with COPY TO", whereLocation);
        }

        return new CopyStatement(location, table, columns, null, from, tableProgram, tableFile, ListOf(options), where);
    }

    private Constant StringValue()
    {
        var location = Here;
        return new Constant(location, ConstantKind.String, ParseString());
    }

    private (bool Program, string? File) ParseCopyFile(Location? to = null)
    {
        var program = Accept(Keyword.Program);
        if (Accept(Keyword.Stdin) || Accept(Keyword.Stdout))
        {
            const string message = "STDIN/STDOUT not allowed with PROGRAM";
            return !program ? (false, null) : throw (to is { } place ? Error(message, place) : new DialectException("42601", message));
        }

        return (program, ParseString());
    }

    private void ParseCopyOptions(List<Option> options)
    {
        Accept(Keyword.With);
        if (At(TokenKind.OpenParen))
        {
            options.AddRange(ParseParenthesizedList(static p => p.ParseCopyOption()));
            return;
        }

        while (TryParseOldCopyOption() is { } option)
        {
            options.Add(option);
        }
    }

    private Option ParseCopyOption()
    {
        var location = Here;
        var name = ParseLabel();
        return new Option(location, null, name, ParseCopyValue());
    }

    private Node? ParseCopyValue()
    {
        var location = Here;
        if (AcceptOperator("*"))
        {
            return new ColumnReference(location, [], Star: true);
        }

        if (At(TokenKind.OpenParen))
        {
            return new ValueList(location, ParseParenthesizedList(static p => (Node)p.ParseBooleanOrString()));
        }

        return AtBooleanOrString() ? ParseBooleanOrString() : AtNumber() ? ParseNumber() : null;
    }

    /// <summary>The options as they were before PostgreSQL 9.0, without parentheses.</summary>
    private Option? TryParseOldCopyOption()
    {
        var location = Here;
        Option Flag(string name) => new(location, null, name, new Constant(location, ConstantKind.Boolean, "true"));

        Option Format(string name) => new(location, null, "format", new Constant(location, ConstantKind.String, name));

        Option Text(string name, bool mark = true)
        {
            if (mark)
            {
                Accept(Keyword.As);
            }

            return new Option(location, null, name, StringValue());
        }

        switch (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword)
        {
            case Keyword.Binary:
                Advance();
                return Format("binary");
            case Keyword.Csv:
                Advance();
                return Format("csv");
            case Keyword.Freeze:
                Advance();
                return Flag("freeze");
            case Keyword.Header:
                Advance();
                return Flag("header");
            case Keyword.Delimiter or Keyword.Null or Keyword.Quote or Keyword.Escape:
                var name = TakeName();
                return Text(name);
            case Keyword.Encoding:
                Advance();
                return Text("encoding", mark: false);
            case Keyword.Force:
                Advance();
                return ParseForce(location);
            default:
                return null;
        }
    }

    private Option ParseForce(Location location)
    {
        var name = Accept(Keyword.Quote) ? "force_quote" : Accept(Keyword.Not) ? "force_not_null" : "force_null";
        if (name != "force_quote")
        {
            Expect(Keyword.Null);
        }

        var value = Here;
        return name == "force_quote" && AcceptOperator("*")
            ? new Option(location, null, name, new ColumnReference(value, [], Star: true))
            : new Option(location, null, name, new ValueList(value, ParseList(static p => (Node)new Constant(p.Here, ConstantKind.String,
                p.ParseColumnId()))));
    }

    private LockStatement ParseLock()
    {
        var location = Here;
        Advance();
        Accept(Keyword.Table);
        var tables = ParseList(s_relation);
        var mode = "ACCESS EXCLUSIVE";
        if (Accept(Keyword.In))
        {
            mode = ParseLockMode();
            Expect(Keyword.Mode);
        }

        return new LockStatement(location, tables, mode, Accept(Keyword.Nowait));
    }

    private string ParseLockMode()
    {
        if (Accept(Keyword.Access))
        {
            return Accept(Keyword.Share) ? "ACCESS SHARE" : Accept(Keyword.Exclusive) ? "ACCESS EXCLUSIVE" : throw Unexpected();
        }

        if (Accept(Keyword.Row))
        {
            return Accept(Keyword.Share) ? "ROW SHARE" : Accept(Keyword.Exclusive) ? "ROW EXCLUSIVE" : throw Unexpected();
        }

        if (!Accept(Keyword.Share))
        {
            Expect(Keyword.Exclusive);
            return "EXCLUSIVE";
        }

        if (Accept(Keyword.Update))
        {
            Expect(Keyword.Exclusive);
            return "SHARE UPDATE EXCLUSIVE";
        }

        if (Accept(Keyword.Row))
        {
            Expect(Keyword.Exclusive);
            return "SHARE ROW EXCLUSIVE";
        }

        return "SHARE";
    }

    private TruncateStatement ParseTruncate()
    {
        var location = Here;
        Advance();
        Accept(Keyword.Table);
        var tables = ParseList(s_relation);
        var restart = Accept(Keyword.Restart);
        if (restart || Accept(Keyword.Continue))
        {
            Expect(Keyword.Identity);
        }

        return new TruncateStatement(location, tables, restart, ParseDropBehavior());
    }

    private VacuumStatement ParseVacuum()
    {
        var location = Here;
        Advance();
        if (At(TokenKind.OpenParen))
        {
            return new VacuumStatement(location, false, ParseUtilityOptions(), ParseVacuumTargets());
        }

        var options = new List<Option>();
        foreach (var keyword in (ReadOnlySpan<Keyword>)[Keyword.Full, Keyword.Freeze, Keyword.Verbose, Keyword.Analyze])
        {
            var option = Here;
            if (Accept(keyword) || (keyword == Keyword.Analyze && Accept(Keyword.Analyse)))
            {
                options.Add(new Option(option, null, keyword.ToString().ToLowerInvariant(), null));
            }
        }

        return new VacuumStatement(location, false, ListOf(options), ParseVacuumTargets());
    }

    private VacuumStatement ParseAnalyze()
    {
        var location = Here;
        Advance();
        if (At(TokenKind.OpenParen))
        {
            return new VacuumStatement(location, true, ParseUtilityOptions(), ParseVacuumTargets());
        }

        var option = Here;
        NodeList<Option> options = Accept(Keyword.Verbose) ? [new Option(option, null, "verbose", null)] : [];
        return new VacuumStatement(location, true, options, ParseVacuumTargets());
    }

    private NodeList<VacuumTarget> ParseVacuumTargets() => AtEnd() ? [] : ParseList(static p =>
    {
        var location = p.Here;
        return new VacuumTarget(location, p.ParseRelation(), p.ParseOptionalColumns());
    });

    private ClusterStatement ParseCluster()
    {
        var location = Here;
        Advance();
        NodeList<Option> options = [];
        var parenthesized = At(TokenKind.OpenParen);
        var option = Here;
        if (parenthesized)
        {
            options = ParseUtilityOptions();
        }
        else if (Accept(Keyword.Verbose))
        {
            options = [new Option(option, null, "verbose", null)];
        }

        if (AtEnd() && !parenthesized)
        {
            return new ClusterStatement(location, options, null, null);
        }

        if (!parenthesized && IsColumnId(_token) && Peek().Is(Keyword.On))
        {
            var index = ParseColumnId();
            Advance();
            return new ClusterStatement(location, options, ParseQualifiedName(), index);
        }

        var table = ParseQualifiedName();
        return new ClusterStatement(location, options, table, Accept(Keyword.Using) ? ParseColumnId() : null);
    }

    private ReindexStatement ParseReindex()
    {
        var location = Here;
        Advance();
        var options = At(TokenKind.OpenParen) ? [.. ParseUtilityOptions()] : new List<Option>();
        var kind = Accept(Keyword.Index) ? ReindexKind.Index
            : Accept(Keyword.Table) ? ReindexKind.Table
            : Accept(Keyword.Schema) ? ReindexKind.Schema
            : Accept(Keyword.System) ? ReindexKind.System
            : Accept(Keyword.Database) ? ReindexKind.Database : throw Unexpected();
        var option = Here;
        if (Accept(Keyword.Concurrently))
        {
            options.Add(new Option(option, null, "concurrently", null));
        }

        var nameLocation = Here;
        var name = kind is ReindexKind.Index or ReindexKind.Table ? ParseQualifiedName() : new QualifiedName(nameLocation, [ParseColumnId()]);
        return new ReindexStatement(location, kind, ListOf(options), name);
    }

    private CheckpointStatement ParseCheckpoint()
    {
        var location = Here;
        Advance();
        return new CheckpointStatement(location);
    }

    private LoadStatement ParseLoad()
    {
        var location = Here;
        Advance();
        return new LoadStatement(location, ParseString());
    }

    private DoStatement ParseDo()
    {
        var location = Here;
        Advance();
        var options = new List<Option>();
        do
        {
            var option = Here;
            options.Add(Accept(Keyword.Language)
                ? new Option(option, null, "language", new Constant(Here, ConstantKind.String, ParseWordOrString()))
                : new Option(option, null, "as", StringValue()));
        }
        while (!AtEnd());
        return new DoStatement(location, ListOf(options));
    }

    private CallStatement ParseCallStatement()
    {
        var location = Here;
        Advance();
        return new CallStatement(location, ParseQualifiedFunction());
    }

    private RefreshStatement ParseRefresh()
    {
        var location = Here;
        Advance();
        Expect(Keyword.Materialized, Keyword.View);
        var concurrently = Accept(Keyword.Concurrently);
        return new RefreshStatement(location, ParseQualifiedName(), concurrently, ParseWithData());
    }

    /// <summary>WITH [NO] DATA; null without it.</summary>
    private bool? ParseWithData()
    {
        if (!At(Keyword.With) || !(Peek().Is(Keyword.Data) || Peek().Is(Keyword.No)))
        {
            return null;
        }

        Advance();
        var data = !Accept(Keyword.No);
        Expect(Keyword.Data);
        return data;
    }
}
