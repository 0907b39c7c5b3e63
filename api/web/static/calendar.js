// The calendar beside a day, fetched when it is opened first.
import 'cally'
