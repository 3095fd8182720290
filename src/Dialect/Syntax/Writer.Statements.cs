using System.Globalization;

namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Writer
{
    private void WriteStatement(Statement statement)
    {
        switch (statement)
        {
            case Query query:
                WriteQuery(query);
                break;
            case InsertStatement insert:
                WriteInsert(insert);
                break;
            case UpdateStatement update:
                WriteUpdate(update);
                break;
            case DeleteStatement delete:
                WriteDelete(delete);
                break;
            case MergeStatement merge:
                WriteMerge(merge);
                break;
            case GenericStatement generic:
                Add(generic.Text);
                break;
            default:
                if (!WriteSession(statement) && !WriteMaintenance(statement) && !WriteDefinition(statement) && !WriteObjectStatement(statement))
                {
                    throw new InvalidOperationException(statement.GetType().Name);
                }

                break;
        }
    }

    private bool WriteSession(Statement statement)
    {
        switch (statement)
        {
            case TransactionStatement t:
                WriteTransaction(t);
                return true;
            case SetStatement s:
                WriteSet(s);
                return true;
            case SetConstraintsStatement s:
                Add("SET CONSTRAINTS");
                AddIf(s.Names.Count == 0, "ALL");
                WriteList(s.Names, n => WriteName(n.Parts));
                Add(s.Deferred ? "DEFERRED" : "IMMEDIATE");
                return true;
            case ShowStatement s:
                Add("SHOW");
                WriteSettingName(s.Name);
                return true;
            case DiscardStatement d:
                Add("DISCARD " + (d.Kind == DiscardKind.Temporary ? "TEMPORARY" : d.Kind.ToString().ToUpperInvariant()));
                return true;
            case PrepareStatement p:
                Add("PREPARE");
                AddName(p.Name);
                if (p.Types.Count > 0)
                {
                    WriteParenthesized(p.Types, WriteType);
                }

                Add("AS");
                WriteStatement(p.Statement);
                return true;
            case ExecuteStatement e:
                Add("EXECUTE");
                AddName(e.Name);
                if (e.Arguments.Count > 0)
                {
                    WriteParenthesized(e.Arguments, WriteExpression);
                }

                return true;
            case DeallocateStatement d:
                Add("DEALLOCATE");
                Add(d.Name is null ? "ALL" : Quote(d.Name));
                return true;
            case DeclareStatement d:
                WriteDeclare(d);
                return true;
            case FetchStatement f:
                WriteFetch(f);
                return true;
            case CloseStatement c:
                Add("CLOSE");
                Add(c.Name is null ? "ALL" : Quote(c.Name));
                return true;
            case ExplainStatement e:
                Add("EXPLAIN");
                WriteUtilityOptions(e.Options);
                WriteStatement(e.Statement);
                return true;
            case ListenStatement l:
                Add("LISTEN");
                AddName(l.Channel);
                return true;
            case UnlistenStatement u:
                Add("UNLISTEN");
                Add(u.Channel is null ? "*" : Quote(u.Channel));
                return true;
            case NotifyStatement n:
                Add("NOTIFY");
                AddName(n.Channel);
                if (n.Payload is { } payload)
                {
                    Attach(",");
                    AddLiteral(payload);
                }

                return true;
            default:
                return false;
        }
    }

    private void WriteTransaction(TransactionStatement statement)
    {
        Add(statement.Kind switch
        {
            TransactionKind.Begin => "BEGIN",
            TransactionKind.Start => "START TRANSACTION",
            TransactionKind.Commit => "COMMIT",
            TransactionKind.Rollback => "ROLLBACK",
            TransactionKind.Savepoint => "SAVEPOINT",
            TransactionKind.Release => "RELEASE SAVEPOINT",
            TransactionKind.RollbackTo => "ROLLBACK TO SAVEPOINT",
            TransactionKind.PrepareTransaction => "PREPARE TRANSACTION",
            TransactionKind.CommitPrepared => "COMMIT PREPARED",
            _ => "ROLLBACK PREPARED",
        });
        WriteModes(statement.Modes);
        if (statement.Name is { } name)
        {
            Add(statement.Kind >= TransactionKind.PrepareTransaction ? Literal(name) : Quote(name));
        }

        AddIf(statement.Chain, "AND CHAIN");
    }

    private void WriteModes(NodeList<Option> modes) => WriteList(modes, mode =>
    {
        var value = ((Constant)mode.Value!).Text;
        Add(mode.Name switch
        {
            "transaction_isolation" => "ISOLATION LEVEL " + value.ToUpperInvariant(),
            "transaction_read_only" => value == "1" ? "READ ONLY" : "READ WRITE",
            _ => value == "1" ? "DEFERRABLE" : "NOT DEFERRABLE",
        });
    });

    private void WriteSettingName(string? name)
    {
        if (name is null)
        {
            Add("ALL");
            return;
        }

        WriteName(new NodeList<string>(name.Split('.')));
    }

    private void WriteSet(SetStatement set)
    {
        if (set.Reset)
        {
            Add("RESET");
            WriteSettingName(set.Name);
            return;
        }

        Add("SET");
        AddIf(set.Scope == SettingScope.Local, "LOCAL");
        AddIf(set.Scope == SettingScope.Session, "SESSION");
        if (set.Modes.Count > 0)
        {
            Add(set.Name == "TRANSACTION" ? "TRANSACTION" : "SESSION CHARACTERISTICS AS TRANSACTION");
            WriteModes(set.Modes);
            return;
        }

        if (set.Values is [TypeCast zone])
        {
            Add("TIME ZONE");
            WriteLiteral(zone);
            return;
        }

        if (set.Name == "TRANSACTION SNAPSHOT")
        {
            Add("TRANSACTION SNAPSHOT");
            WriteExpressions(set.Values);
            return;
        }

        WriteSettingName(set.Name);
        if (set.FromCurrent)
        {
            Add("FROM CURRENT");
            return;
        }

        Add("TO");
        AddIf(set.Values.Count == 0, "DEFAULT");
        WriteExpressions(set.Values);
    }

    private void WriteDeclare(DeclareStatement declare)
    {
        Add("DECLARE");
        AddName(declare.Name);
        AddIf(declare.Options.HasFlag(CursorOptions.Binary), "BINARY");
        AddIf(declare.Options.HasFlag(CursorOptions.Insensitive), "INSENSITIVE");
        AddIf(declare.Options.HasFlag(CursorOptions.Asensitive), "ASENSITIVE");
        AddIf(declare.Options.HasFlag(CursorOptions.Scroll), "SCROLL");
        AddIf(declare.Options.HasFlag(CursorOptions.NoScroll), "NO SCROLL");
        Add("CURSOR");
        AddIf(declare.Options.HasFlag(CursorOptions.Hold), "WITH HOLD");
        Add("FOR");
        WriteQuery(declare.Query);
    }

    private void WriteFetch(FetchStatement fetch)
    {
        Add(fetch.Move ? "MOVE" : "FETCH");
        Add(fetch.Direction.ToString().ToUpperInvariant());
        Add(fetch.Count is { } count ? count.ToString(CultureInfo.InvariantCulture) : "ALL");
        Add("FROM");
        AddName(fetch.Cursor);
    }

    private void WriteUtilityOptions(NodeList<Option> options)
    {
        if (options.Count == 0)
        {
            return;
        }

        WriteParenthesized(options, option =>
        {
            Add(option.Name == "analyze" ? "ANALYZE" : Quote(option.Name));
            WriteOptionValue(option.Value);
        });
    }

    private void WriteOptionValue(Node? value)
    {
        switch (value)
        {
            case null:
                break;
            case Expression expression:
                WriteExpression(expression);
                break;
            case TypeName type:
                WriteType(type);
                break;
            case NameValue name:
                WriteName(name.Names);
                break;
            case OperatorValue symbol:
                WriteOperator(symbol.Names);
                break;
            case RoleName role:
                WriteRole(role);
                break;
            case ValueList list:
                WriteParenthesized(list.Items, WriteOptionValue);
                break;
            default:
                throw new InvalidOperationException(value.GetType().Name);
        }
    }
}
