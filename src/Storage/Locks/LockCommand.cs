using System.Buffers.Binary;

namespace Rqlite.Pg.Storage;

/// <summary>
/// Commands by which nodes end locks of their sessions: statements of a batch with <see cref="BatchOptions.AdvisoryLocks"/> whose sender is the
/// node itself (<see cref="Sender"/>), which no client can be.
/// </summary>
public static class LockCommand
{
    internal const string Function = "_rqlite_lock_command";

    private const int EndTransactionKind = 1;
    private const int EndSessionsKind = 2;
    private const int AbandonKind = 3;
    private const int EndRunsKind = 4;
    private const int EndNodeKind = 5;
    private const int RollBackKind = 6;

    private static readonly byte[] s_sql = "SELECT _rqlite_lock_command(?, ?)"u8.ToArray();

    /// <summary>A node as the sender, in the place of a session.</summary>
    public static CallerSession Sender(Guid node) => new(node, 0, 0, [], 0);

    /// <summary>Ends the locks of a session's transaction.</summary>
    /// <param name="lastTicket">The last ticket that the transaction can have; locks with a later one belong to a later transaction.</param>
    public static Statement EndTransaction(long session, long lastTicket) => Of(EndTransactionKind, [session, lastTicket]);

    /// <summary>Ends the locks that a session's transaction has taken since a savepoint.</summary>
    /// <param name="kept">The last ticket before the savepoint: locks up to it stay.</param>
    /// <param name="lastTicket">The last ticket drawn after the savepoint.</param>
    public static Statement RollBack(long session, long kept, long lastTicket) => Of(RollBackKind, [session, kept, lastTicket]);

    /// <summary>Ends the locks of sessions that have ended.</summary>
    public static Statement EndSessions(ReadOnlySpan<long> sessions) => Of(EndSessionsKind, sessions);

    /// <summary>Ends a session's waits for these tickets.</summary>
    public static Statement Abandon(long session, IReadOnlyList<long> tickets) => Of(AbandonKind, [session, .. tickets]);

    /// <summary>Ends the locks of the sender's sessions whose numbers have one of these in their upper half.</summary>
    public static Statement EndRuns(ReadOnlySpan<long> runs) => Of(EndRunsKind, runs);

    /// <summary>Ends the locks of all sessions of a node that is taken for gone.</summary>
    /// <param name="term">The command holds in an entry of this term only: the next leader may have heard from the node.</param>
    public static Statement EndNode(Guid node, long term)
    {
        Span<byte> bytes = stackalloc byte[16];
        node.TryWriteBytes(bytes);
        return Of(EndNodeKind, [BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), term]);
    }

    /// <summary>True for one of these commands with all parameters that its kind needs.</summary>
    /// <exception cref="InvalidDataException">Its parameters cannot be decoded.</exception>
    public static bool IsWhole(Statement statement)
    {
        if (!statement.Sql.Span.SequenceEqual(s_sql))
        {
            return false;
        }

        var reader = new ParameterEncoding.Reader(statement.Parameters.Span);
        if (!reader.Read() || !reader.Name.IsEmpty || reader.Value.Class != StorageClass.Integer)
        {
            return false;
        }

        var kind = reader.Value.Integer;
        return reader.Read() && reader.Name.IsEmpty && reader.Value.Class == StorageClass.Blob && IsWhole(kind, reader.Value.Bytes.Length)
            && !reader.Read();
    }

    private static bool IsWhole(long kind, int bytes) => bytes % 8 == 0 && kind switch
    {
        EndTransactionKind => bytes == 2 * 8,
        RollBackKind or EndNodeKind => bytes == 3 * 8,
        AbandonKind => bytes >= 8,
        EndSessionsKind or EndRunsKind => true,
        _ => false,
    };

    internal static void Run(EffectRun run, FunctionCall call)
    {
        if (!run.Locks.Allowed || run.Current.Caller is not { Session: 0 } sender)
        {
            throw new SqlFunctionException("42883", $"function {Function} does not exist");
        }

        if (call.ClassOf(0) != StorageClass.Integer || call.ClassOf(1) != StorageClass.Blob || !IsWhole(call.Integer(0), call.Blob(1).Length))
        {
            throw new SqlFunctionException("42883", $"function {Function} does not exist");
        }

        var table = run.Locks.ForNode();
        var numbers = Numbers(call.Blob(1));
        switch (call.Integer(0))
        {
            case EndTransactionKind:
                table.EndTransaction(new LockOwner(sender.Node, numbers[0]), numbers[1]);
                break;
            case RollBackKind:
                table.RollBack(new LockOwner(sender.Node, numbers[0]), numbers[1], numbers[2]);
                break;
            case EndSessionsKind:
                foreach (var session in numbers)
                {
                    table.EndSession(new LockOwner(sender.Node, session));
                }

                break;
            case AbandonKind:
                foreach (var ticket in numbers.AsSpan(1))
                {
                    table.Abandon(new LockOwner(sender.Node, numbers[0]), ticket);
                }

                break;
            case EndRunsKind:
                foreach (var number in numbers)
                {
                    table.EndRun(sender.Node, number);
                }

                break;
            case EndNodeKind when numbers[2] == run.Term:
                table.EndNode(new Guid(call.Blob(1)[..16]));
                break;
            case EndNodeKind:
                break;
            default:
                throw new SqlFunctionException("42883", $"function {Function} does not exist");
        }

        call.ReturnNothing();
    }

    private static Statement Of(int kind, ReadOnlySpan<long> numbers)
    {
        var blob = new byte[8 * numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(blob.AsSpan(8 * i), numbers[i]);
        }

        return Statement.Ours(s_sql, parameters =>
        {
            ParameterEncoding.WriteInteger(parameters, kind);
            ParameterEncoding.WriteBlob(parameters, blob);
        });
    }

    private static long[] Numbers(ReadOnlySpan<byte> blob)
    {
        var numbers = new long[blob.Length / 8];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadInt64LittleEndian(blob[(8 * i)..]);
        }

        return numbers;
    }
}
